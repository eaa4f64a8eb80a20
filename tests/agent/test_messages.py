"""The protocol's codecs: what is written is read back, and nothing else is read."""

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.der import DerInvalid, read_all, read_one
from agent.members import MessageInvalid, Problem, decode, encode
from agent.messages import ApprovalList, Attached, CertificateOffer, DocumentOutcome, PreparedDocument, SignatureReply
from agent.page_messages import Job

DOCUMENT = PreparedDocument(
    id="1",
    title="Giấy chứng nhận",
    number="01/GCN-UBND",
    holder="Trần Thị Mẫu",
    pages=2,
    file_url="/api/v1/approvals/1/documents/1/file",
    file_sha256=bytes(32),
    byte_range=(0, 10, 20, 5),
    document_digest=bytes(32),
    signed_attributes=b"1\0",
    digest=bytes(32),
    scheme="rsa-pkcs1v15-sha256",
    attachments=(Attached(title="Phụ lục", pages=1, sha256=bytes(32)),),
)
LIST = ApprovalList(
    id="01J",
    officer_name="Nguyễn Văn Mẫu",
    certificate_sha256=bytes(32),
    expires_at=datetime(2026, 11, 22, tzinfo=UTC),
    documents=(DOCUMENT,),
)


@pytest.mark.parametrize(
    "message",
    [
        LIST,
        ApprovalList(id="1", officer_name="A", certificate_sha256=None, expires_at=LIST.expires_at, documents=()),
        DOCUMENT,
        replace(DOCUMENT, attachments=()),
        replace(DOCUMENT, attachments=None),
        Job(approval_id="1", ticket="t", service="https://a.example"),
        CertificateOffer(certificate=b"0\0"),
        SignatureReply(signature=b"x"),
        DocumentOutcome(state="approved"),
        Problem(type="urn:secondseal:problem:x", title="T", status=409, detail="D"),
    ],
    ids=lambda message: type(message).__name__,
)
def test_round_trip(message):
    assert type(message).from_json(decode(encode(message.as_json()))) == message


def members(value, path=()):
    """Every member of a nested JSON object."""
    for name, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield (*path, name)
        yield from members(inner, (*path, name))


@pytest.mark.parametrize("path", list(members(LIST.as_json())), ids=lambda path: ".".join(map(str, path)))
@pytest.mark.parametrize("wrong", [{}, -1, True, "\u0000", 1.5, "missing", "added"], ids=str)
def test_every_member_is_checked(path, wrong):
    """A member that is missing, of another type or unknown never passes."""
    value = copy.deepcopy(LIST.as_json())
    holder = value
    for name in path[:-1]:
        holder = holder[name]
    if wrong == "missing":
        del holder[path[-1]]
    elif wrong == "added":
        if not isinstance(holder, dict):
            return
        holder["unknown"] = 1
    else:
        holder[path[-1]] = wrong
    texts = {"id", "officer_name", "title", "number", "holder"}
    if wrong == "\u0000" and path[-1] in texts:
        return  # a text, if an odd one: shown through `person.plain`
    if wrong == "missing" and path in {("documents", 0), ("documents", 0, "attachments", 0)}:
        return  # a shorter list
    if wrong == "missing" and path == ("documents", 0, "attachments"):
        return  # a service that names none: the title counts them
    with pytest.raises(MessageInvalid):
        ApprovalList.from_json(value)


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"[]", b"1", b'{"a":1,"a":2}', b"{" * 100_000, b'{"a":' * 100_000],
    ids=lambda body: str(body[:9]),
)
def test_what_is_no_object(body):
    with pytest.raises(MessageInvalid):
        decode(body)


@pytest.mark.parametrize("url", ["http://evil.example/x", "//evil.example/x", "x", "/a b", "/a\r\nHost: b", "/ă"])
def test_files_are_paths_on_the_service(url):
    with pytest.raises(MessageInvalid):
        PreparedDocument.from_json(DOCUMENT.as_json() | {"file_url": url})


def test_hash_sizes_follow_the_scheme():
    with pytest.raises(MessageInvalid):
        PreparedDocument.from_json(DOCUMENT.as_json() | {"scheme": "ecdsa-sha384"})
    with pytest.raises(MessageInvalid):
        PreparedDocument.from_json(DOCUMENT.as_json() | {"scheme": "rsa-pkcs1v15-sha1"})


@pytest.mark.parametrize("ticket", ["", "a b", "a\r\nX: y", "vé"])
def test_tickets_go_into_a_header(ticket):
    with pytest.raises(MessageInvalid):
        Job.from_json({"approval_id": "1", "ticket": ticket, "service": "https://a.example"})


def test_more_attachments_than_a_document_has():
    row = DOCUMENT.as_json()["attachments"][0]
    with pytest.raises(MessageInvalid):
        PreparedDocument.from_json(DOCUMENT.as_json() | {"attachments": [row] * 21})


@pytest.mark.parametrize(
    "sign", ["\n", "\r", "\t", "\x1b", "\x85", "\u2028", "\u2029", "\u202e", "\u200b", "\ud800", "\ue000"]
)
def test_an_attachments_title_is_one_line_that_can_be_seen(sign):
    """With a line break in a title, one attachment hashes like two."""
    second = f"2 {bytes(32).hex()} Hai"
    row = {"title": f"Một{sign}{second}", "pages": 1, "sha256": bytes(32).hex()}
    with pytest.raises(MessageInvalid, match=r"attachments\.0\.title"):
        PreparedDocument.from_json(DOCUMENT.as_json() | {"attachments": [row]})
    assert Attached.from_json(row | {"title": f"Một {second}"}).title == f"Một {second}"


def test_twice_the_same_document():
    value = LIST.as_json()
    with pytest.raises(MessageInvalid):
        ApprovalList.from_json(value | {"documents": value["documents"] * 2})


def test_problems_are_read_leniently():
    assert Problem.from_json({"title": "x", "anything": 1}).type == "about:blank"
    assert Problem.from_json([]).status == 0


@settings(max_examples=200)
@given(st.binary(max_size=40))
def test_der_is_read_or_refused(data):
    try:
        elements = read_all(data)
    except DerInvalid:
        return
    assert b"".join(element.encoded for element in elements) == data


@pytest.mark.parametrize(
    "data", [b"0", b"0\x80\0\0", b"0\x81\x01a", b"0\x82\0\x81" + b"a" * 129, b"\x1f\x01\0", b"0\x02a"]
)
def test_der_that_is_not(data):
    with pytest.raises(DerInvalid):
        read_one(data, 0x30)


def test_json_is_plain():
    assert json.loads(encode(LIST.as_json()))["documents"][0]["title"] == "Giấy chứng nhận"
