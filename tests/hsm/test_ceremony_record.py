"""The signed record of a ceremony, read back by this program and by a library that shares no code with it (joserfc)."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from joserfc import jws as joserfc_jws
from joserfc.jwk import ECKey, RSAKey

from hsm import (
    CeremonyPlan,
    CeremonyRecord,
    JwsInvalid,
    KeyExists,
    KeyMissing,
    PinValue,
    TokenMissing,
    Witness,
    check_record,
    import_certificate,
    make_key,
    open_key,
    sign_as_witness,
    subject_name,
)
from hsm.ceremony import jws as ours
from tests.tokens.fixtures import USER_PIN, Seat, TokenFarm

SUBJECT = subject_name({"common_name": "ỦY BAN NHÂN DÂN XÃ MẪU", "country": "VN"})


def read_elsewhere(text: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The statement and the protected headers, after joserfc has verified every signature of the file."""
    headers: list[dict[str, Any]] = []

    def key_of(member: Any) -> RSAKey | ECKey:
        header = member.headers()
        headers.append(header)
        if "x5c" in header:
            leaf = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0])).public_key()
            pem = leaf.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            return RSAKey.import_key(pem) if header["alg"].startswith(("RS", "PS")) else ECKey.import_key(pem)
        kind = RSAKey if header["jwk"]["kty"] == "RSA" else ECKey
        return kind.import_key(header["jwk"])

    registry = joserfc_jws.JWSRegistry(strict_check_header=False, algorithms=["RS256", "PS256", "ES256", "ES384"])
    # its bounds are those of tokens in HTTP headers; certificates are longer
    registry.max_header_length = registry.max_payload_length = 100_000
    read = joserfc_jws.deserialize_json(json.loads(text), key_of, registry=registry)
    return json.loads(read.payload), headers


@pytest.fixture(scope="module")
def witnesses(farm: TokenFarm) -> tuple[Seat, Seat]:
    """Two people with tokens of their own."""
    return farm.make("rsa-2048", common_name="Lê Thị Chứng"), farm.make("p-256", common_name="Phạm Văn Kiến")


def plan_for(farm: TokenFarm, witnesses: tuple[Seat, ...] = (), **changes: Any) -> CeremonyPlan:
    people = (("Lê Thị Chứng", "Chánh văn phòng"), ("Phạm Văn Kiến", "Công chức tư pháp"))
    plan = CeremonyPlan(
        uri=farm.token().uri,
        label="con dấu",
        algorithm="p-256",
        subject=SUBJECT,
        device_level="FIPS 140-3 Level 3",
        witnesses=tuple(
            Witness(name=name, post=post, uri=seat.uri) for (name, post), seat in zip(people, witnesses, strict=False)
        ),
        sha256="ab" * 32,
    )
    return replace(plan, **changes)


def attested(farm: TokenFarm, seats: tuple[Seat, ...]) -> CeremonyRecord:
    """A whole ceremony: the key made, each witness's signature added."""
    record = make_key(plan_for(farm, seats), PinValue(USER_PIN), state=farm.state(), program="Second Seal 0")
    for witness, seat in zip(record.witnesses, seats, strict=True):
        record = record.signed(sign_as_witness(record.payload, witness, PinValue(seat.pin), state=seat.state))
    return record


@pytest.mark.parametrize(("algorithm", "name"), [("rsa-2048", "RS256"), ("p-256", "ES256"), ("p-384", "ES384")])
def test_the_new_key_signs_its_own_record(farm: TokenFarm, algorithm: Any, name: str) -> None:
    began = datetime.now(UTC)
    record = make_key(
        plan_for(farm, algorithm=algorithm), PinValue(USER_PIN), state=farm.state(), program="Second Seal 0"
    )
    statement, headers = read_elsewhere(record.as_jws())
    assert [header["alg"] for header in headers] == [name]
    assert began - timedelta(seconds=1) <= datetime.fromtimestamp(headers[0]["iat"], UTC) <= datetime.now(UTC)
    assert statement["step"] == "key-made"
    assert statement["plan_sha256"] == "ab" * 32
    assert statement["program"] == "Second Seal 0"
    assert statement["device_level_declared"] == "FIPS 140-3 Level 3"
    assert statement["token"]["serial"] == record.token.serial
    assert statement["attributes"]["never_extractable"] is True
    assert datetime.fromisoformat(statement["began_at"]) <= datetime.fromisoformat(statement["at"])
    request = x509.load_pem_x509_csr(statement["request_pem"].encode())
    assert request.is_signature_valid
    made = serialization.load_pem_public_key(statement["public_key_pem"].encode())
    assert request.public_key() == made
    assert USER_PIN not in record.payload.decode() + record.as_jws()
    assert check_record(record.as_jws()).whole


def test_witnesses_sign_with_their_own_tokens(farm: TokenFarm, witnesses: tuple[Seat, Seat]) -> None:
    """One signature each, under their certificate; read alike by both programs."""
    record = attested(farm, witnesses)
    statement, headers = read_elsewhere(record.as_jws())
    assert [header.get("sub") for header in headers] == [None, "Lê Thị Chứng", "Phạm Văn Kiến"]
    assert [one["post"] for one in statement["witnesses"]] == ["Chánh văn phòng", "Công chức tư pháp"]
    found = check_record(record.as_jws())
    assert found.whole
    assert [(one.by_key, one.name, one.problem) for one in found.attestations] == [
        (True, "", ""),
        (False, "Lê Thị Chứng", ""),
        (False, "Phạm Văn Kiến", ""),
    ]
    assert found.attestations[1].chain[0] == witnesses[0].certificate


def test_a_witness_whose_signature_is_missing_is_named(farm: TokenFarm, witnesses: tuple[Seat, Seat]) -> None:
    record = make_key(plan_for(farm, witnesses), PinValue(USER_PIN), state=farm.state())
    record = record.signed(
        sign_as_witness(record.payload, record.witnesses[0], PinValue(witnesses[0].pin), state=witnesses[0].state)
    )
    found = check_record(record.as_jws())
    assert not found.whole
    assert found.missing == ("Phạm Văn Kiến",)
    assert found.signed_by_key


def test_a_witness_without_token_or_certificate_is_refused(farm: TokenFarm, witnesses: tuple[Seat, Seat]) -> None:
    record = make_key(plan_for(farm, witnesses[:1]), PinValue(USER_PIN), state=farm.state())
    witness = record.witnesses[0]
    absent = replace(witness, uri=replace(witness.uri, token="không có", serial=None))
    with pytest.raises(TokenMissing):
        sign_as_witness(record.payload, absent, PinValue(USER_PIN), state=farm.state())
    bare = replace(witness, uri=farm.token().uri)
    with pytest.raises(KeyMissing):
        sign_as_witness(record.payload, bare, PinValue(USER_PIN), state=farm.state())
    other = replace(witness, uri=replace(witness.uri, object="tên khác"))
    with pytest.raises(KeyMissing):
        sign_as_witness(record.payload, other, PinValue(USER_PIN), state=farm.state())


def forged_statement(text: str) -> str:
    """One letter of what was done is another."""
    whole = json.loads(text)
    payload = base64.urlsafe_b64decode(whole["payload"] + "==").replace(b'"software": true', b'"software":false')
    return json.dumps(whole | {"payload": base64.urlsafe_b64encode(payload).rstrip(b"=").decode()})


def other_algorithm(text: str) -> str:
    return _with_header(text, alg="RS256")


def other_name(text: str) -> str:
    return _with_header(text, sub="Người khác")


def no_algorithm(text: str) -> str:
    return _with_header(text, alg="none")


def _with_header(text: str, **changes: str) -> str:
    whole = json.loads(text)
    first = whole["signatures"][0]
    header = json.loads(base64.urlsafe_b64decode(first["protected"] + "==")) | changes
    first["protected"] = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return json.dumps(whole)


@pytest.mark.parametrize("change", [forged_statement, other_algorithm, other_name, no_algorithm])
def test_what_was_changed_is_found(farm: TokenFarm, change: Callable[[str], str]) -> None:
    text = farm.seat("p-256").record.as_jws()
    assert check_record(text).whole
    assert change(text) != text
    found = check_record(change(text))
    assert not found.whole
    assert found.attestations[0].problem
    assert not found.signed_by_key


def test_another_key_cannot_sign_in_the_new_keys_place(farm: TokenFarm) -> None:
    """A good signature by a stranger's key: neither the key's nor a witness's."""
    seat, stranger = farm.seat("p-256"), farm.seat("rsa-2048")
    with stranger.open() as key:
        public_key: Any = stranger.certificate.public_key()
        for named in ({"jwk": ours.jwk(public_key)}, {"x5c": ours.x5c([stranger.certificate]), "sub": "Người khác"}):
            signature = ours.sign(seat.record.payload, named, public_key, key.scheme, key.sign)
            found = check_record(replace(seat.record, signatures=(signature,)).as_jws())
            assert not found.whole
            assert not found.signed_by_key
            assert "neither the key's nor a witness's" in found.attestations[0].problem


def test_pss_signatures_are_read_too(farm: TokenFarm) -> None:
    """A witness's token that signs with PSS (PS256)."""
    seat = farm.seat("rsa-2048")
    public_key: Any = seat.certificate.public_key()
    with open_key(
        seat.uri, PinValue(seat.pin), certificate=seat.certificate, state=seat.state, scheme="rsa-pss-sha256"
    ) as key:
        header = {"x5c": ours.x5c([seat.certificate])}
        signature = ours.sign(seat.record.payload, header, public_key, key.scheme, lambda it: key.sign(it, key.scheme))
    text = ours.dump(seat.record.payload, [signature])
    assert read_elsewhere(text)[1][0]["alg"] == "PS256"
    assert check_record(text).signed_by_key


def sworn(seat: Seat, record: CeremonyRecord, certificate: x509.Certificate, name: str) -> ours.JwsSignature:
    """A signature by the seat's key under any certificate, in any name."""
    public_key: Any = seat.certificate.public_key()
    header = {"sub": name, "x5c": ours.x5c([certificate]), "iat": int(datetime.now(UTC).timestamp())}
    with seat.open() as key:
        return ours.sign(record.payload, header, public_key, key.scheme, key.sign)


def test_nobody_signs_in_anothers_name(farm: TokenFarm, witnesses: tuple[Seat, Seat]) -> None:
    """A trusted certificate proves who its owner is, not that they are the witness; the ceremony notices at once."""
    record = make_key(plan_for(farm, witnesses), PinValue(USER_PIN), state=farm.state())
    forged = [sworn(seat, record, seat.certificate, "Phạm Văn Kiến") for seat in (witnesses[0],)]
    found = check_record(replace(record, signatures=(*record.signatures, *forged)).as_jws())
    assert found.attestations[1].problem == "the certificate does not name this witness"
    assert found.missing == ("Lê Thị Chứng", "Phạm Văn Kiến")
    with pytest.raises(KeyMissing, match="another's"):
        sign_as_witness(
            record.payload,
            replace(record.witnesses[1], uri=witnesses[0].uri),
            PinValue(witnesses[0].pin),
            state=witnesses[0].state,
        )


def test_one_key_does_not_vouch_for_two_people(farm: TokenFarm, witnesses: tuple[Seat, Seat]) -> None:
    """Not under two certificates either: anybody may have their key certified twice."""
    seat = witnesses[0]
    second = farm.issuer.build(subject_name({"common_name": "PHẠM VĂN KIẾN"}), seat.certificate.public_key())
    record = make_key(plan_for(farm, witnesses), PinValue(USER_PIN), state=farm.state())
    record = record.signed(sworn(seat, record, seat.certificate, "Lê Thị Chứng"))
    record = record.signed(sworn(seat, record, second, "Phạm Văn Kiến"))
    found = check_record(record.as_jws())
    assert not found.whole
    assert found.attestations[1].problem == ""
    assert "another witness already" in found.attestations[2].problem
    assert found.missing == ("Phạm Văn Kiến",)


def test_the_ceremonys_key_is_no_witness(farm: TokenFarm) -> None:
    """Whoever made the key can have it certified in any name."""
    seat = farm.make("p-256")
    people = (Witness(name="Lê Thị Chứng", post="", uri=seat.uri),)
    record = replace(seat.record, witnesses=people, signatures=())
    public_key: Any = seat.certificate.public_key()
    with seat.open() as key:
        own = ours.sign(record.payload, {"jwk": ours.jwk(public_key)}, public_key, key.scheme, key.sign)
    made_up = farm.issuer.build(subject_name({"common_name": "Lê Thị Chứng"}), public_key)
    record = record.signed(own).signed(sworn(seat, record, made_up, "Lê Thị Chứng"))
    found = check_record(record.as_jws())
    assert found.signed_by_key
    assert found.attestations[1].problem == "the ceremony's own key is no witness"
    assert not found.whole


@pytest.mark.parametrize("changes", ["public_key_pem", "request_pem", "certificate_pem", "certificate_sha256"])
def test_a_record_that_speaks_of_another_key_beside_its_own_is_refused(farm: TokenFarm, changes: str) -> None:
    """Else its key could vouch for a request or certificate of a key that nobody was shown."""
    seat, other = farm.make("p-256"), farm.seat("rsa-2048")
    arrived = import_certificate(seat.uri, PinValue(seat.pin), seat.certificate, state=seat.state)
    strange = {
        "public_key_pem": other.record.public_key_pem,
        "request_pem": other.record.request_pem,
        "certificate_pem": other.certificate.public_bytes(serialization.Encoding.PEM).decode(),
        "certificate_sha256": "00" * 32,
    }
    payload = json.dumps(arrived.as_json() | {changes: strange[changes]}).encode()
    public_key: Any = seat.certificate.public_key()
    with seat.open() as key:
        header = {"x5c": ours.x5c([seat.certificate])}
        signature = ours.sign(payload, header, public_key, key.scheme, key.sign)
    with pytest.raises(JwsInvalid, match=r"several keys|not the one of its SHA-256"):
        check_record(ours.dump(payload, [signature]))


@pytest.mark.parametrize("iat", [2**62, -(2**62), 253402300799, 1.5, "1", True, None])
def test_a_time_nobody_can_tell_is_none(farm: TokenFarm, witnesses: tuple[Seat, Seat], iat: Any) -> None:
    seat = witnesses[0]
    record = make_key(plan_for(farm, witnesses[:1]), PinValue(USER_PIN), state=farm.state())
    public_key: Any = seat.certificate.public_key()
    header = {"sub": "Lê Thị Chứng", "x5c": ours.x5c([seat.certificate]), "iat": iat}
    with seat.open() as key:
        signature = ours.sign(record.payload, header, public_key, key.scheme, key.sign)
    found = check_record(record.signed(signature).as_jws())
    assert found.attestations[1].problem == "the witness's certificate was not valid at that time"
    assert found.attestations[1].at is None


@pytest.mark.parametrize(
    "changes",
    [
        {"witnesses": 1},
        {"witnesses": [{}]},
        {"witnesses": [{"name": "a"}, {"name": "a"}]},
        {"token": None},
        {"step": "other"},
        {"step": ["key-made"]},
        {"public_key_pem": None},
        {"public_key_pem": "\ud800"},
        {"request_pem": "-----BEGIN CERTIFICATE REQUEST-----"},
        {"public_key_sha256": 1},
    ],
)
def test_a_statement_of_another_shape_is_refused(farm: TokenFarm, changes: dict[str, Any]) -> None:
    """Whoever holds some key may sign any JSON with it."""
    record = farm.seat("p-256").record
    payload = json.dumps(record.as_json() | changes).encode()
    with pytest.raises(JwsInvalid):
        check_record(ours.dump(payload, record.signatures))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"payload": "e30", "signatures": []}',
        '{"payload": "e30", "payload": "e30", "signatures": []}',
        '{"payload": "e30", "protected": "e30", "signature": "AA"}',
        '{"payload": "!", "signatures": []}',
        "[" * 100000,
    ],
)
def test_what_is_no_record_is_said(text: str) -> None:
    with pytest.raises(JwsInvalid):
        check_record(text)


def test_the_certificates_arrival_is_signed_under_the_certificate(farm: TokenFarm) -> None:
    seat = farm.seat("rsa-2048")
    record = import_certificate(
        seat.uri, PinValue(seat.pin), seat.certificate, state=seat.state, chain=[farm.issuer.certificate]
    )
    statement, headers = read_elsewhere(record.as_jws())
    assert statement["step"] == "certificate-imported"
    assert statement["certificate_sha256"] == seat.certificate.fingerprint(hashes.SHA256()).hex()
    assert len(headers[0]["x5c"]) == 2
    found = check_record(record.as_jws())
    assert found.whole
    assert found.attestations[0].chain == (seat.certificate, farm.issuer.certificate)
    other = farm.issuer.build(seat.certificate.subject, seat.certificate.public_key())
    with seat.open() as key:
        public_key: Any = seat.certificate.public_key()
        renewed = ours.sign(record.payload, {"x5c": ours.x5c([other])}, public_key, key.scheme, key.sign)
    found = check_record(replace(record, signatures=(renewed,)).as_jws())
    assert "under the certificate the record names" in found.attestations[0].problem


def test_an_id_in_use_is_not_used_again(farm: TokenFarm) -> None:
    """The plan may name the key's CKA_ID; label and id must both be free."""
    plan = plan_for(farm, id=bytes.fromhex("0a0b"))
    record = make_key(plan, PinValue(USER_PIN), state=farm.state())
    assert record.id == b"\x0a\x0b"
    with pytest.raises(KeyExists) as raised:
        make_key(replace(plan, label="tên khác"), PinValue(USER_PIN), state=farm.state())
    assert raised.value.label == "0a0b"
