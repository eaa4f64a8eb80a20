"""`secondseal office check` about the next key: what would go wrong on its day is said before it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from hsm import subject_name
from office import demo_office_text
from secondseal.command import main
from templates import sample_seal_png, sample_signature_png

DAY = datetime(2097, 6, 1, tzinfo=UTC)
KEYS = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("a", "b")}
NAME = subject_name({"common_name": "MẪU"})


def certificate(key: str, begins: datetime, ends: datetime) -> bytes:
    """Signed by its own key; PEM."""
    made = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(KEYS[key].public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .sign(KEYS[key], hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM)


LONG = (DAY - timedelta(days=400), DAY + timedelta(days=400))
CURRENT = certificate("a", *LONG)


@pytest.fixture
def check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """The command's exit status and all it said, for these two certificates and that day."""

    def run(current: bytes, following: bytes | None, day: str = "2097-06-01") -> tuple[int, str]:
        (tmp_path / "a.pem").write_bytes(current)
        if following is not None:
            (tmp_path / "b.pem").write_bytes(following)
        keys = (
            'key = "pkcs11:token=a?module-path=/m.so"\ncertificate = "a.pem"\n'
            f'next = {{ key = "pkcs11:token=b?module-path=/m.so", certificate = "b.pem", from = {day} }}\n'
        )
        text = demo_office_text().replace('id = "x1-2"\n', f'id = "x1-2"\n{keys}')
        (tmp_path / "office.toml").write_text(text, encoding="utf-8")
        status = main(["office", "check", str(tmp_path / "office.toml")])
        said = capsys.readouterr()
        return status, said.out + said.err

    return run


def test_a_next_key_that_will_be_good_is_not_remarked(check: Callable[..., tuple[int, str]]) -> None:
    status, said = check(CURRENT, certificate("b", *LONG))
    assert status == 0
    assert "x1-2" not in said


@pytest.mark.parametrize(
    ("current", "following", "named"),
    [
        (CURRENT, None, "b.pem cannot be read"),
        (CURRENT, b"-----BEGIN", "b.pem cannot be read"),
        (CURRENT, CURRENT, "is the one in force"),
        (CURRENT, certificate("b", DAY + timedelta(days=1), LONG[1]), "comes into force on 2097-06-01"),
        (CURRENT, certificate("b", LONG[0], DAY - timedelta(days=1)), "comes into force on 2097-06-01"),
        (certificate("a", LONG[0], DAY - timedelta(days=1)), certificate("b", *LONG), "before the next key's day"),
    ],
)
def test_what_would_stop_the_seal_on_that_day_is_said(
    check: Callable[..., tuple[int, str]], current: bytes, following: bytes | None, named: str
) -> None:
    status, said = check(current, following)
    assert status == 1
    assert named in said
    assert "con dấu x1-2" in said


def test_a_renewal_and_a_day_that_has_passed_are_remarked(check: Callable[..., tuple[int, str]]) -> None:
    status, said = check(CURRENT, certificate("a", *LONG))
    assert (status, "a renewal, not a new key" in said) == (0, True)
    past = datetime(2020, 1, 1, tzinfo=UTC)
    status, said = check(certificate("a", past, LONG[1]), certificate("b", past, LONG[1]), "2026-01-01")
    assert (status, "in force since 2026-01-01" in said) == (0, True)


def checked(folder: Path, picture: bytes | None, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The command's exit status and words for an office whose second seal has this picture; None: no such file."""
    if picture is not None:
        (folder / "seal.png").write_bytes(picture)
    text = demo_office_text().replace('id = "x1-2"\n', 'id = "x1-2"\nimage = "seal.png"\n')
    (folder / "office.toml").write_text(text, encoding="utf-8")
    status = main(["office", "check", str(folder / "office.toml")])
    said = capsys.readouterr()
    return status, said.out + said.err


def test_a_seals_picture_is_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """AC-100: the demo's seal passes; a wrong one is named with all that is wrong; a missing one too."""
    status, said = checked(tmp_path, None, capsys)
    assert (status, "seal x1-2: the picture" in said) == (1, True)
    status, said = checked(tmp_path, sample_seal_png("ỦY BAN NHÂN DÂN XÃ MẪU", "2"), capsys)
    assert (status, "x1-2" in said) == (0, False)
    status, said = checked(tmp_path, sample_signature_png("Trần Thị Mẫu"), capsys)
    assert status == 1
    for wrong in ("phải tròn", "must be round", "phải màu đỏ", "must be red"):
        assert wrong in said
