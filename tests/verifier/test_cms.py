"""CMS made by hand: what the arithmetic says of shapes no honest signer at hand writes."""

import hashlib

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding

from tests.pki.fixtures import MakeKey
from tests.pki.software_key import SoftwareKey
from verifier.cms import examine_signature
from verifier.facts import Mechanism

CONTENT = b"%PDF-1.7 signed by hand"


@pytest.fixture(scope="module")
def key(software_key: MakeKey) -> SoftwareKey:
    return software_key()


def examined(signature: cms.ContentInfo, content: bytes = CONTENT) -> Mechanism:
    view = memoryview(content)
    return examine_signature(signature.dump(force=True) + b"\0" * 9, (view[:8], view[8:]))


def made(
    key: SoftwareKey,
    signed: bytes,
    *,
    held: bytes | None = None,
    attributes: list[dict[str, object]] | None = None,
) -> cms.ContentInfo:
    """A CMS whose value is over `signed` with SHA-256; `held` is its encapsulated content."""
    certificate = cms.CertificateChoices.load(key.certificate.public_bytes(Encoding.DER))
    signer = {
        "version": "v1",
        "sid": {
            "issuer_and_serial_number": {
                "issuer": certificate.chosen.issuer,
                "serial_number": certificate.chosen.serial_number,
            }
        },
        "digest_algorithm": {"algorithm": "sha256"},
        "signature_algorithm": {"algorithm": "rsassa_pkcs1v15"},
        "signature": key.private_key.sign(signed, padding.PKCS1v15(), hashes.SHA256()),  # type: ignore[call-arg, arg-type]
    }
    if attributes is not None:
        signer["signed_attrs"] = attributes
    content = {"content_type": "data"} if held is None else {"content_type": "data", "content": held}
    return cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": {
                "version": "v1",
                "digest_algorithms": [{"algorithm": "sha256"}],
                "encap_content_info": content,
                "certificates": [certificate],
                "signer_infos": [signer],
            },
        }
    )


def test_without_signed_attributes_the_value_is_over_the_content(key: SoftwareKey) -> None:
    good = examined(made(key, CONTENT))
    assert (good.problem, good.digest_matches, good.value_verifies) == (None, True, True)
    bad = examined(made(key, CONTENT), CONTENT.replace(b"hand", b"hook"))
    assert (bad.problem, bad.digest_matches, bad.value_verifies) == (None, None, False)


def test_attributes_of_another_signature_are_no_content(key: SoftwareKey) -> None:
    """The value of a signature with attributes is a value over their SET: read as content it would hold."""
    attributes = cms.CMSAttributes([{"type": "content_type", "values": ["data"]}]).dump()
    assert attributes[0] == 0x31
    assert examined(made(key, attributes), attributes).problem == "cms_content_type"


def test_adbe_pkcs7_sha1_signs_the_hash_it_holds(key: SoftwareKey) -> None:
    """Understood, so that an altered paper is called changed; never accepted, whatever the value's own digest."""
    held = hashlib.sha1(CONTENT, usedforsecurity=False).digest()
    good = examined(made(key, held, held=held))
    assert (good.digest_algorithm, good.digest_matches, good.value_verifies) == ("sha1", True, True)
    altered = examined(made(key, held, held=held), CONTENT + b"!")
    assert (altered.digest_matches, altered.value_verifies) == (False, True)
    assert examined(made(key, CONTENT, held=CONTENT)).problem == "cms_not_detached"


def test_only_a_misspelt_issuer_is_forgiven(key: SoftwareKey) -> None:
    """node-forge encodes names in UTF-8 twice; another name, or another number, is another certificate's."""
    signature = made(key, CONTENT)
    sid = signature["content"]["signer_infos"][0]["sid"].chosen
    named = dict(sid["issuer"].native)
    twice = {kind: text.encode().decode("latin-1") for kind, text in named.items()}
    assert twice != named
    sid["issuer"] = cms.Name.build(twice)
    assert examined(signature).value_verifies is True
    sid["issuer"] = cms.Name.build({**named, "common_name": "another"})
    assert examined(signature).problem == "certificate_missing"
    sid["issuer"] = cms.Name.build(named)
    sid["serial_number"] = 12345
    assert examined(signature).problem == "certificate_missing"


def test_a_timestamp_that_cannot_be_read_harms_nothing(key: SoftwareKey) -> None:
    signature = made(key, CONTENT)
    signer = signature["content"]["signer_infos"][0]
    token = cms.ContentInfo({"content_type": "data", "content": b"no token"})
    signer["unsigned_attrs"] = [{"type": "signature_time_stamp_token", "values": [token]}]
    found = examined(signature)
    assert (found.problem, found.value_verifies, found.timestamp_matches) == (None, True, False)
    assert found.timestamp_problem is not None


def test_two_signatures_by_one_key_are_one(key: SoftwareKey, software_key: MakeKey) -> None:
    """PoDoFo signs twice in one CMS. Whoever adds a second one of his own, or one that does not hold, adds a doubt."""
    attributes = [
        {"type": "content_type", "values": ["data"]},
        {"type": "message_digest", "values": [hashlib.sha256(CONTENT).digest()]},
    ]
    set_of = cms.CMSAttributes(attributes).dump()
    signature = made(key, set_of, attributes=attributes)
    plain = made(key, CONTENT)["content"]["signer_infos"][0]

    def beside(second: cms.SignerInfo, content: bytes = CONTENT) -> Mechanism:
        signers = [signature["content"]["signer_infos"][0], second]
        both = made(key, CONTENT)
        both["content"]["signer_infos"] = signers
        return examined(both, content)

    good = beside(plain)
    assert (good.problem, good.digest_matches, good.value_verifies) == (None, True, True)
    broken = plain.copy()
    broken["signature"] = bytes(256)
    assert beside(broken).problem == "cms_signers"
    assert beside(made(software_key("organisation"), CONTENT)["content"]["signer_infos"][0]).problem == "cms_signers"
    altered = beside(signature["content"]["signer_infos"][0], CONTENT + b"!")
    assert (altered.problem, altered.digest_matches, altered.value_verifies) == (None, False, True)
    assert beside(plain, CONTENT + b"!").problem == "cms_signers"
    three = made(key, CONTENT)
    three["content"]["signer_infos"] = [plain] * 3
    assert examined(three).problem == "cms_signers"
