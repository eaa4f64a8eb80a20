"""`secondseal token doctor`: every configured seal key signs a value and the answer is checked, with plain advice."""

import hashlib
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cryptography import x509

from hsm import KeyUri, PinFile, TokenError, open_key
from office import Office, Seal
from secondseal.settings import Settings

State = Literal["good", "care", "fault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found about one key, and what to do."""

    what: str
    state: State
    text_vi: str
    text_en: str

    def as_json(self) -> dict[str, str]:
        """For programs."""
        return {"what": self.what, "state": self.state, "text_vi": self.text_vi, "text_en": self.text_en}


def examine(settings: Settings, now: datetime, *, warn_days: int) -> tuple[Finding, ...]:
    """One finding or more for every seal of the office that has a key. Uses one key operation per key."""
    if settings.softhsm2_conf is not None:
        os.environ["SOFTHSM2_CONF"] = str(settings.softhsm2_conf)
    office = Office.load(settings.office)
    findings = [
        finding for seal in office.seals if seal.key for finding in _examine(settings, office, seal, now, warn_days)
    ]
    if not findings:
        findings.append(
            Finding(
                what="office",
                state="fault",
                text_vi="Cơ quan chưa cấu hình khóa cho con dấu nào.",
                text_en="No seal of the office has a key.",
            )
        )
    return tuple(findings)


def _examine(settings: Settings, office: Office, seal: Seal, now: datetime, warn_days: int) -> list[Finding]:
    def finding(state: State, vi: str, en: str) -> Finding:
        return Finding(what=f"{seal.id}: {seal.key}", state=state, text_vi=vi, text_en=en)

    if seal.key is None or seal.certificate is None or settings.pin_file is None:
        return [
            finding(
                "fault",
                "Thiếu chứng thư (certificate) của con dấu hoặc tệp PIN (pin_file) trong cấu hình.",
                "The seal's certificate, or pin_file in the settings, is missing.",
            )
        ]
    path = settings.home / seal.certificate
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        return [
            finding("fault", f"Không đọc được chứng thư {path}.", f"The certificate {path} cannot be read: {error}")
        ]
    findings: list[Finding] = []
    days = (certificate.not_valid_after_utc - now).days
    if days < warn_days:
        findings.append(
            finding(
                "fault" if days < 0 else "care",
                f"Chứng thư còn {days} ngày. Hãy xin chứng thư mới và làm lễ tạo khóa kế tiếp.",
                f"The certificate has {days} days left. Request the next one and hold the next key ceremony.",
            )
        )
    try:
        with open_key(
            KeyUri.parse(seal.key),
            PinFile(settings.pin_file),
            certificate=certificate,
            state=settings.state / "logins",
        ) as key:
            if key.token.is_software and not office.test_office:
                findings.append(
                    finding(
                        "fault",
                        "Khóa nằm trong phần mềm (SoftHSM), chỉ dùng được ở cơ quan thử nghiệm (test_office = true).",
                        "The key is kept in software (SoftHSM), which only a test office may use (test_office = true).",
                    )
                )
                return findings
            size = 48 if key.scheme == "ecdsa-sha384" else 32
            key.sign(hashlib.sha384(secrets.token_bytes(32)).digest()[:size], key.scheme)
    except TokenError as error:
        findings.append(finding("fault", error.text_vi, f"{error.text_en} ({error})"))
        return findings
    findings.append(
        finding(
            "good",
            f"Đã ký thử và kiểm tra đúng, {key.token.manufacturer} {key.token.model} {key.token.firmware}.",
            f"Signed and checked, on {key.token.manufacturer} {key.token.model} {key.token.firmware}.",
        )
    )
    return findings
