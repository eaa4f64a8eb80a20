"""Signing with keys on a token."""

import hashlib
import threading
from contextlib import closing
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from pkcs11 import Attribute, KeyType, ObjectClass

from hsm import (
    CeremonyPlan,
    CertificateMismatch,
    DeviceFault,
    KeyMissing,
    KeyUri,
    LoginLedger,
    Module,
    ModuleMissing,
    PinPrompt,
    PinValue,
    Recovery,
    TokenAmbiguous,
    TokenMissing,
    TokenUnsuitable,
    UriInvalid,
    import_certificate,
    make_key,
    open_key,
    subject_name,
)
from hsm.login import ensure_login
from hsm.tokens import find, public_session
from tests.tokens.fixtures import USER_PIN, Issuer, TokenFarm

SHA256 = hashlib.sha256("văn bản".encode()).digest()
SHA384 = hashlib.sha384("văn bản".encode()).digest()


def check(certificate, signature, digest, scheme):
    """Verified here with `cryptography` alone, by the standard's parameters."""
    public_key = certificate.public_key()
    prehashed = utils.Prehashed(hashes.SHA384() if scheme.endswith("384") else hashes.SHA256())
    if scheme.startswith("ecdsa"):
        public_key.verify(signature, digest, ec.ECDSA(prehashed))
    elif scheme == "rsa-pss-sha256":
        public_key.verify(signature, digest, padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32), prehashed)
    else:
        public_key.verify(signature, digest, padding.PKCS1v15(), prehashed)


@pytest.mark.parametrize(
    ("algorithm", "scheme"),
    [
        ("rsa-2048", "rsa-pkcs1v15-sha256"),
        ("rsa-2048", "rsa-pss-sha256"),
        ("rsa-3072", "rsa-pkcs1v15-sha256"),
        ("rsa-3072", "rsa-pss-sha256"),
        ("p-256", "ecdsa-sha256"),
        ("p-384", "ecdsa-sha384"),
        ("p-384", "ecdsa-sha256"),
    ],
)
def test_every_scheme_verifies(farm: TokenFarm, algorithm, scheme):
    """AC-73: PKCS#1 v1.5 and PSS both, ECDSA; one key operation per signature."""
    seat = farm.seat(algorithm)
    digest = SHA384 if scheme.endswith("384") else SHA256
    with seat.open() as key:
        for expected in (1, 2, 3):
            check(seat.certificate, key.sign(digest, scheme), digest, scheme)
            assert key.operations == expected


def test_rsa_4096_signs_both_ways(farm: TokenFarm):
    """AC-73; in one test, since making such a key takes seconds."""
    seat = farm.make("rsa-4096")
    with seat.open() as key:
        for scheme in ("rsa-pkcs1v15-sha256", "rsa-pss-sha256"):
            signature = key.sign(SHA256, scheme)
            assert len(signature) == 512
            check(seat.certificate, signature, SHA256, scheme)


def test_what_does_not_fit_is_refused_before_the_key_is_used(farm: TokenFarm):
    with farm.seat("rsa-2048").open() as key:
        for digest, scheme in ((SHA384, "rsa-pkcs1v15-sha256"), (SHA256, "ecdsa-sha256"), (b"", "rsa-pss-sha256")):
            with pytest.raises(TokenUnsuitable):
                key.sign(digest, scheme)
        assert key.operations == 0
    with pytest.raises(TokenUnsuitable), farm.seat("rsa-2048").open(scheme="ecdsa-sha256"):
        pass


def test_key_is_found_by_its_certificate_although_labels_lie(farm: TokenFarm):
    """Two keys on one token; each asked for under the other's label and id."""
    for algorithm in ("rsa-2048", "p-256"):
        one = farm.make(algorithm, label=f"con dấu {algorithm}")
        other = farm.make(algorithm, token=one.token, label=f"lãnh đạo {algorithm}")
        for wanted, named in ((one, other), (other, one)):
            lying = replace(wanted.uri, object=named.record.label, id=named.record.id)
            with closing(
                open_key(lying, PinValue(USER_PIN), certificate=wanted.certificate, state=wanted.state)
            ) as key:
                check(wanted.certificate, key.sign(SHA256), SHA256, key.scheme)


def test_certificate_without_its_key_on_the_token(farm: TokenFarm):
    here, elsewhere = farm.seat("p-256"), farm.make("p-256")
    with pytest.raises(KeyMissing), here.open(certificate=elsewhere.certificate):
        pass
    with pytest.raises(CertificateMismatch):
        import_certificate(here.uri, PinValue(USER_PIN), elsewhere.certificate, state=here.state)


def test_four_threads_share_two_sessions(farm: TokenFarm):
    """One operation per session at a time: every signature verifies (HsmKey checks) and none is lost."""
    seat = farm.seat("rsa-2048")
    signatures, faults = [], []
    with seat.open(sessions=2) as key:

        def work(name: int) -> None:
            try:
                for index in range(25):
                    digest = hashlib.sha256(f"{name} {index}".encode()).digest()
                    signatures.append((digest, key.sign(digest)))
            except Exception as error:  # noqa: BLE001  shown by the assertion below
                faults.append(error)

        threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not faults
        assert key.operations == len(signatures) == 100
        assert key._pool.size <= 2
    for digest, signature in signatures:
        check(seat.certificate, signature, digest, "rsa-pkcs1v15-sha256")


def test_names_that_lead_nowhere(farm: TokenFarm, tmp_path):
    seat = farm.seat("p-256")

    def attempt(uri: str) -> None:
        open_key(KeyUri.parse(uri), PinValue(USER_PIN), certificate=seat.certificate, state=tmp_path)

    with pytest.raises(UriInvalid):
        attempt("pkcs11:token=x")
    with pytest.raises(ModuleMissing):
        attempt(f"pkcs11:token=x?module-path={tmp_path}/libnothing.so")
    (tmp_path / "libtext.so").write_text("no library")
    with pytest.raises(ModuleMissing):
        attempt(f"pkcs11:token=x?module-path={tmp_path}/libtext.so")
    with pytest.raises(ModuleMissing):
        attempt("pkcs11:token=x?module-path=/lib/x86_64-linux-gnu/libc.so.6")
    with pytest.raises(TokenMissing):
        attempt(f"pkcs11:token=không-có?module-path={farm.module}".replace("không-có", "khong-co"))
    farm.make("p-256")
    with pytest.raises(TokenAmbiguous) as raised:
        attempt(f"pkcs11:manufacturer=SoftHSM%20project?module-path={farm.module}")
    assert raised.value.count >= 2


def test_two_keys_on_one_token_close_independently(farm: TokenFarm):
    """Closing the sessions of one key must not log the other out."""
    one = farm.make("p-256")
    other = farm.make("p-256", token=one.token)
    with other.open() as second:
        with one.open() as first:
            first.sign(SHA256)
        second.sign(SHA256)
        assert not second.recoveries


def test_key_that_asks_for_the_pin_at_each_signature(farm: TokenFarm):
    """CKA_ALWAYS_AUTHENTICATE: the PIN goes to the token before every C_Sign, from the same source.

    This key may also leave its token, which is refused unless the caller allows it (AC-61).
    """
    token, state = farm.token(), farm.state()
    module = Module.load(farm.module)
    handle, info = find(module, token.uri)
    with public_session(module, handle, write=True) as session:
        ensure_login(module, info, int(session.handle), PinValue(USER_PIN), LoginLedger(state))
        session.generate_keypair(
            KeyType.RSA,
            2048,
            store=True,
            label="mỗi lần một PIN",
            private_template={Attribute.ALWAYS_AUTHENTICATE: True, Attribute.EXTRACTABLE: True},
        )
        public = next(iter(list(session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY}))))
        modulus = int.from_bytes(public[Attribute.MODULUS], "big")
    certificate = farm.issuer.build(farm.issuer.name, rsa.RSAPublicNumbers(65537, modulus).public_key())
    asked = []

    def ask(question: str) -> str:
        asked.append(question)
        return USER_PIN

    with pytest.raises(TokenUnsuitable, match="may leave its token"):
        open_key(token.uri, PinValue(USER_PIN), certificate=certificate, state=state)
    options = {"certificate": certificate, "state": state, "require_non_extractable": False}
    with closing(open_key(token.uri, PinPrompt("?", ask), **options)) as key:
        for _ in range(3):
            check(certificate, key.sign(SHA256), SHA256, key.scheme)
    assert len(asked) == 1 + 3


def test_a_certificate_that_is_too_weak_is_refused(farm: TokenFarm, tmp_path):
    """AC-73: RSA from 2048, P-256 or P-384."""
    weak = Issuer()
    weak.key = ec.generate_private_key(ec.SECP256K1())
    certificate = weak.build(weak.name, weak.key.public_key())
    with pytest.raises(TokenUnsuitable):
        open_key(farm.seat("p-256").uri, PinValue(USER_PIN), certificate=certificate, state=tmp_path)


def test_pool_waits_and_then_says_so(farm: TokenFarm):
    with farm.seat("p-256").open(sessions=1, recovery=Recovery(attempts=0)) as key:
        key._pool._wait_s = 0.05
        with key._pool.lend(), pytest.raises(DeviceFault) as raised:
            key.sign(SHA256)
        assert raised.value.ckr == "CKR_SESSION_COUNT"
        assert key.operations == 0


def test_plan_and_subject_in_vietnamese(farm: TokenFarm, tmp_path):
    token = farm.token()
    (tmp_path / "plan.toml").write_text(
        f'uri = "{token.uri}"\nlabel = "con dấu thứ hai"\nalgorithm = "p-384"\n'
        '[subject]\ncommon_name = "ỦY BAN NHÂN DÂN XÃ MẪU"\nprovince = "Bắc Ninh"\ncountry = "VN"\n',
        "utf-8",
    )
    record = make_key(CeremonyPlan.load(tmp_path / "plan.toml"), PinValue(USER_PIN), state=tmp_path / "state")
    certificate = farm.issuer.issue(record.request_pem)
    assert certificate.subject == subject_name(
        {"common_name": "ỦY BAN NHÂN DÂN XÃ MẪU", "province": "Bắc Ninh", "country": "VN"}
    )
