"""Time stamp tokens: reading, verifying, and refusing what was touched."""

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import rfc3161_client
from asn1crypto import cms, tsp
from cryptography.hazmat.primitives.serialization import Encoding

from secondseal.demo.pki import Pki
from tests.trust.scene import now
from trust import TimestampInvalid, digest_for, read_token, verify_token

DATA = b"paper"
DIGEST = hashlib.sha256(DATA).digest()


def stamped(pki: Pki, *, hash_name: str = "sha256", nonce: int | None = 5) -> tsp.TimeStampResp:
    """An honest answer of the PKI's time authority."""
    imprint = {"hash_algorithm": {"algorithm": hash_name}, "hashed_message": hashlib.new(hash_name, DATA).digest()}
    request = tsp.TimeStampReq({"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True})
    return tsp.TimeStampResp.load(pki.answer("/tsa", request.dump()))


def token_der(pki: Pki, **options: object) -> bytes:
    der: bytes = stamped(pki, **options)["time_stamp_token"].dump()  # type: ignore[arg-type]
    return der


def test_a_token_reads_and_verifies(pki: Pki) -> None:
    """AC-74: time, imprint, authority; the same bytes back."""
    token = read_token(token_der(pki))
    verify_token(token, DIGEST)
    assert token.imprint == DIGEST == digest_for(token, DATA)
    assert (token.hash_name, token.nonce, token.certificate) == ("sha256", 5, pki.tsa)
    assert token.certificates == (pki.tsa,)
    assert token.gen_time.tzinfo is not None
    assert abs(token.gen_time - datetime.now(UTC)) < timedelta(seconds=30)


@pytest.mark.parametrize("hash_name", ["sha384", "sha512"])
def test_longer_hashes_are_read(pki: Pki, hash_name: str) -> None:
    """Other authorities' tokens in foreign papers."""
    token = read_token(token_der(pki, hash_name=hash_name))
    verify_token(token, digest_for(token, DATA))
    assert token.hash_name == hash_name


def test_a_sha1_imprint_is_refused(pki: Pki) -> None:
    """AC-110: SHA-1 stays forbidden in the time stamp."""
    with pytest.raises(TimestampInvalid) as caught:
        read_token(token_der(pki, hash_name="sha1"))
    assert caught.value.reason == "algorithm"


def test_another_document_is_refused(pki: Pki) -> None:
    """The imprint is compared, which pyHanko's own client leaves out (anchors)."""
    with pytest.raises(TimestampInvalid) as caught:
        verify_token(read_token(token_der(pki)), hashlib.sha256(b"other").digest())
    assert caught.value.reason == "imprint"


def test_no_byte_of_what_is_signed_can_be_touched(pki: Pki) -> None:
    """A changed bit anywhere in the content, the signed attributes or the signature is noticed."""
    der = token_der(pki)
    signed = cms.ContentInfo.load(der)["content"]
    info = signed["signer_infos"][0]
    parts = (
        signed["encap_content_info"]["content"].parsed.dump(),
        info["signed_attrs"].dump()[2:],
        info["signature"].native,
    )
    for part in parts:
        begin = der.index(part)
        for position in range(begin, begin + len(part), 7):
            altered = der[:position] + bytes([der[position] ^ 0x01]) + der[position + 1 :]
            with pytest.raises(TimestampInvalid):
                verify_token(read_token(altered), DIGEST)


def test_the_signer_cannot_be_swapped(pki: Pki, other_pki: Pki) -> None:
    """ESSCertID binds the certificate; a token without certificates finds its signer among those given."""
    response = stamped(pki)
    token = response["time_stamp_token"].copy()
    token["content"]["certificates"] = None
    bare = token.dump(force=True)
    with pytest.raises(TimestampInvalid) as caught:
        read_token(bare)
    assert caught.value.reason == "certificate_missing"
    with pytest.raises(TimestampInvalid):
        read_token(bare, others=(other_pki.tsa,))
    found = read_token(bare, others=(other_pki.tsa, pki.tsa))
    verify_token(found, DIGEST)
    with pytest.raises(TimestampInvalid) as caught:
        verify_token(replace(found, certificate=other_pki.tsa), DIGEST)
    assert caught.value.reason == "certificate_binding"


@pytest.mark.parametrize("junk", [b"", b"0\x00", b"\x30\x80\x00\x00", b"x" * 100, bytes(range(256))])
def test_junk_is_malformed(pki: Pki, junk: bytes) -> None:
    """One typed error, whatever the bytes; a response is no token, a token no response."""
    for der in (junk, token_der(pki)[:-20], token_der(pki) + b"\x00", stamped(pki).dump()):
        with pytest.raises(TimestampInvalid):
            read_token(der)


def test_a_time_without_its_zone_is_malformed(pki: Pki) -> None:
    """RFC 3161: genTime is in UTC and says so; an hour nobody can place proves nothing. Nor is there a year 0."""
    token = token_der(pki)
    time = re.findall(rb"\x18.(\d{14}(?:\.\d+)?Z)", token)[0]
    zoneless = time[:-1] + b"5" if b"." in time else time[:12] + b".50"
    for other in (zoneless, b"0000" + time[4:]):
        with pytest.raises(TimestampInvalid) as raised:
            read_token(token.replace(time, other))
        assert raised.value.reason == "malformed"


def test_a_second_reader_agrees(pki: Pki) -> None:
    """rfc3161-client, another implementation, verifies the same response and reads the same time."""
    response = rfc3161_client.decode_timestamp_response(stamped(pki).dump())
    builder = rfc3161_client.VerifierBuilder().add_root_certificate(pki.root)
    assert builder.build().verify(response, DIGEST)
    token = read_token(response.time_stamp_token())
    assert token.gen_time == response.tst_info.gen_time
    assert token.serial == response.tst_info.serial_number
    assert response.signed_data.certificates == {pki.tsa.public_bytes(Encoding.DER)}
    assert token.gen_time <= now() + timedelta(seconds=1)
