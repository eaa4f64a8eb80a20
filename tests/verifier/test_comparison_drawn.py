"""Revisions drawn by Hypothesis, near to what is allowed: whatever pyHanko suspects, ours suspects too."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.pki.fixtures import MakeKey
from tests.verifier.oracle import assert_as_strict
from tests.verifier.papers import make_paper, sign
from tests.verifier.raw import object_of, size_of, stream, update
from tests.verifier.strikes import page_of, root_of, with_entries
from verifier import OFFICER_FIELD
from verifier.gather import gather

ENTRIES = (
    b"/F 4", b"/Ff 1", b"/AS/Off", b"/DA(/Helv 0 Tf)", b"/Q 1", b"/Rect[1 1 99 99]", b"/Lock<<>>", b"/MK<<>>",
    b"/A<<>>", b"/Contents 8 0 R", b"/Contents(a)", b"/Kids[]", b"/Parent 7 0 R", b"/P 7 0 R", b"/Version/1.7",
    b"/Extensions<<>>", b"/Extensions<</A 7 0 R>>", b"/MarkInfo<</Marked true>>", b"/Names<<>>", b"/OpenAction[]",
    b"/NeedAppearances true", b"/DR<</Font<</F1 10 0 R>>>>", b"/DR<</Font %d 0 R>>", b"/SigFlags 3", b"/XFA()",
    b"/Type/Annot", b"/Type/DSS", b"/VRI<<>>", b"/VRI %d 0 R",
    b"/VRI<</0123456789ABCDEF0123456789ABCDEF01234567<</Cert[%d 0 R]>>>>", b"/Certs[8 0 R]", b"/OCSPs[%d 0 R]",
    b"/CRLs %d 0 R", b"/AP<</N %d 0 R>>", b"/AP<</N 8 0 R>>", b"/AP %d 0 R", b"/V %d 0 R", b"/V 2 0 R",
    b"/Metadata %d 0 R", b"/Metadata 8 0 R", b"/AA<<>>", b"/Subtype/Stamp", b"/Subtype/Widget", b"/FT/Sig",
    b"/FT/Tx", b"/Annots[]", b"/Resources<<>>", b"/Rotate 90", b"/ModDate(D:2027)", b"/Title(a)", b"/Producer(b)",
    b"/Trapped/True",
)  # fmt: skip
NEW = (
    b"<<>>", b"[]", b"null", b"1", b"<</Type/DocTimeStamp/SubFilter/ETSI.RFC3161/ByteRange[0 1 2 3]/Contents<00>>>",
    b"<</Type/Sig/Filter/A/SubFilter/B/ByteRange[0 1 2 3]/Contents<00>>>", stream(b"0 g"),
    stream(b"0 g", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]"), b"<</N 8 0 R>>", b"[8 0 R]", b"[7 0 R]",
    b"<</Font 9 0 R>>", b"<</FT/Sig/T(x)>>", b"(a)", b"7 0 R",
)  # fmt: skip
PARTS = ("root", "form", "page", "field", "store", "info", "empty field")


@pytest.fixture(scope="module")
def signed(software_key: MakeKey) -> bytes:
    return sign(make_paper(), software_key("person"), OFFICER_FIELD)


def near(pdf: bytes, left_out: set[str], entries: dict[str, bytes], new: bytes) -> bytes:
    """Evidence and an invisible field on the page, honest as it stands; then with parts left out and entries added."""
    first = size_of(pdf)
    field, store, certificate, drawn = range(first, first + 4)
    numbers = {
        "root": root_of(pdf),
        "form": int(re.findall(rb"/AcroForm (\d+) 0 R", pdf)[-1]),
        "page": page_of(pdf),
        "field": field,
        "store": store,
        "info": int(re.findall(rb"/Info (\d+) 0 R", pdf)[-1]),
        "empty field": int(re.findall(rb"/Fields \[ \d+ 0 R (\d+) 0 R", pdf)[-1]),
    }
    texts = {name: object_of(pdf, number) for name, number in numbers.items() if name not in ("field", "store")}
    texts["root"] = with_entries(texts["root"], b"/DSS %d 0 R" % store)
    texts["form"] = re.sub(rb"(/Fields\s*\[[^\]]*)\]", rb"\1 %d 0 R]" % field, texts["form"])
    texts["page"] = re.sub(rb"(/Annots\s*\[[^\]]*)\]", rb"\1 %d 0 R]" % field, texts["page"])
    texts["field"] = b"<</FT/Sig/T(x)/Subtype/Widget/Rect[0 0 0 0]/P %d 0 R>>" % numbers["page"]
    texts["store"] = b"<</Certs[%d 0 R]>>" % certificate
    for name, entry in entries.items():
        key = re.findall(rb"/\w+", entry)[0]
        told = entry % drawn if b"%d" in entry else entry
        texts[name] = with_entries(texts[name], told, *((key,) if key + b" " in texts[name] else ()))
    objects = {numbers[name]: text for name, text in texts.items() if name not in left_out}
    if any(b"%d" in entry for entry in entries.values()):
        objects[drawn] = new
    return update(pdf, {certificate: stream(b"0"), **objects})


def test_nothing_added_is_allowed(signed: bytes) -> None:
    assert gather(near(signed, set(), {}, b"")).revisions[-1].change == "dss"


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    left_out=st.sets(st.sampled_from(PARTS), max_size=2),
    entries=st.dictionaries(st.sampled_from(PARTS), st.sampled_from(ENTRIES), max_size=2),
    new=st.sampled_from(NEW),
)
def test_as_strict_as_pyhanko(signed: bytes, left_out: set[str], entries: dict[str, bytes], new: bytes) -> None:
    assert_as_strict(near(signed, left_out, entries, new))
