"""SoftHSM tokens for tests, in a folder of their own.

    from tests.tokens.fixtures import farm  # in a conftest.py

    def test_something(farm):
        seat = farm.seat("rsa-2048")        # a token, a key made on it, a certificate
        with seat.open() as key:
            key.sign(...)

SoftHSM reads SOFTHSM2_CONF when it is initialised, so a process has one farm: the first that asks makes it.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from hsm import (
    Algorithm,
    CeremonyPlan,
    CeremonyRecord,
    HsmKey,
    KeyUri,
    PinSource,
    PinValue,
    TokenInfo,
    import_certificate,
    init_token,
    make_key,
    open_key,
    subject_name,
)

SO_PIN = "so-12345678"
USER_PIN = "ma-pin-1"
_PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
)


def softhsm_module() -> Path:
    """Where SoftHSM's module is."""
    for place in _PLACES:
        if Path(place).is_file():
            return Path(place)
    raise FileNotFoundError("SoftHSM is not installed (package softhsm2)")


def write_configuration(folder: Path) -> Path:
    """A SoftHSM configuration whose tokens lie under `folder`; returns the file for SOFTHSM2_CONF."""
    tokens = folder / "tokens"
    tokens.mkdir(mode=0o700, parents=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
    return configuration


class Issuer:
    """A small certificate authority with a P-256 key in memory, for certificates that need no revocation service."""

    def __init__(self, name: str = "CA MẪU") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = subject_name({"common_name": name, "country": "VN"})
        self._serials = count(1)
        self.certificate = self.build(self.name, self.key.public_key(), authority=True)

    def issue(self, request_pem: str) -> x509.Certificate:
        """A certificate for a request, valid for a year."""
        request = x509.load_pem_x509_csr(request_pem.encode())
        assert request.is_signature_valid
        return self.build(request.subject, request.public_key())

    def build(self, subject: x509.Name, public_key: Any, *, authority: bool = False) -> x509.Certificate:
        """Any certificate, valid from yesterday for a year."""
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public_key)
            .serial_number(next(self._serials))
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=365))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .sign(self.key, hashes.SHA256())
        )


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One person's or office's place: a token, the key made on it, its certificate."""

    token: TokenInfo
    uri: KeyUri
    record: CeremonyRecord
    certificate: x509.Certificate
    state: Path
    pin: str = field(repr=False)

    @contextmanager
    def open(self, *, pin: PinSource | None = None, pin_value: str | None = None, **options: Any) -> Iterator[HsmKey]:
        """The key, logged in; closed at the end. `pin_value` replaces the right PIN."""
        source = pin or PinValue(pin_value or self.pin)
        key = open_key(self.uri, source, **{"certificate": self.certificate, "state": self.state, **options})
        try:
            yield key
        finally:
            key.close()


class TokenFarm:
    """Makes tokens and keys on SoftHSM."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.module = softhsm_module()
        self.configuration = write_configuration(folder)
        self._numbers = count(1)
        self._seats: dict[str, Seat] = {}
        os.environ["SOFTHSM2_CONF"] = str(self.configuration)

    @cached_property
    def issuer(self) -> Issuer:
        """Signs the certificates."""
        return Issuer()

    def state(self) -> Path:
        """A fresh folder for the record of logins."""
        return self.folder / f"logins-{next(self._numbers)}"

    def token(self, label: str | None = None, *, pin: str = USER_PIN) -> TokenInfo:
        """A fresh token."""
        return init_token(
            self.module,
            label=label or f"thẻ {next(self._numbers)}",
            so_pin=PinValue(SO_PIN),
            user_pin=PinValue(pin),
        )

    def make(
        self,
        algorithm: Algorithm,
        *,
        token: TokenInfo | None = None,
        label: str | None = None,
        common_name: str = "Nguyễn Văn Mẫu",
        pin: str = USER_PIN,
    ) -> Seat:
        """A key made by the ceremony, on a fresh token or the given one, with its certificate imported."""
        token = token or self.token(pin=pin)
        state = self.state()
        plan = CeremonyPlan(
            uri=token.uri,
            label=label or f"khóa {next(self._numbers)}",
            algorithm=algorithm,
            subject=subject_name({"common_name": common_name, "organization": "UBND XÃ MẪU", "country": "VN"}),
        )
        record = make_key(plan, PinValue(pin), state=state)
        certificate = self.issuer.issue(record.request_pem)
        import_certificate(token.uri, PinValue(pin), certificate, state=state)
        return Seat(token=token, uri=token.uri, record=record, certificate=certificate, state=state, pin=pin)

    def seat(self, algorithm: Algorithm) -> Seat:
        """A seat shared by the tests of this process, for those that only sign."""
        if algorithm not in self._seats:
            self._seats[algorithm] = self.make(algorithm)
        return self._seats[algorithm]


_farm: TokenFarm | None = None


@pytest.fixture(scope="session")
def farm() -> TokenFarm:
    """The process's farm. Its folder goes with the process: the module keeps files open until then."""
    global _farm  # noqa: PLW0603  SoftHSM is configured once per process
    if _farm is None:
        folder = tempfile.mkdtemp(prefix="secondseal-tokens-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        _farm = TokenFarm(Path(folder))
    return _farm
