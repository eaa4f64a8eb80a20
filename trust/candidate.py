"""May this certificate go on the list of authorities? What refuses it, and what the operator should know first."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from trust.known_authorities import KNOWN
from trust.signature_value import ALLOWED_HASHES, algorithm_of, readable, strong_enough
from trust.trust_list import Kind, fingerprint


@dataclass(frozen=True, kw_only=True)
class Told:
    """One sentence in both languages."""

    vi: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A certificate someone wants to add as `kind`."""

    certificate: x509.Certificate
    kind: Kind

    def refusals(self) -> tuple[Told, ...]:
        """Why it cannot be an authority here; empty where nothing stands against it."""
        if not readable(self.certificate):
            return (Told(vi="Không đọc được hết chứng thư.", en="Not all of the certificate can be read."),)
        found = []
        if not _is_authority(self.certificate):
            found.append(
                Told(
                    vi="Đây không phải chứng thư của tổ chức chứng thực (basicConstraints, keyCertSign).",
                    en="This is not an authority's certificate (basicConstraints, keyCertSign).",
                )
            )
        if not strong_enough(self.certificate.public_key()):
            found.append(
                Told(
                    vi="Khóa yếu hơn mức TT 15/2025 phụ lục I cho phép.",
                    en="The key is weaker than TT 15/2025 annex I allows.",
                )
            )
        if self.kind == "intermediate" and _weakly_signed(self.certificate):
            found.append(
                Told(
                    vi="Chứng thư được ký bằng SHA-1, nên không giúp nối được đường dẫn nào. Nếu thật sự tin cậy, hãy "
                    "đưa chính nó vào làm gốc: --as anchor.",
                    en="It is signed with SHA-1, so no path through it holds. If it is really to be trusted, pin it: "
                    "--as anchor.",
                )
            )
        if self.kind == "intermediate" and self.certificate.issuer == self.certificate.subject:
            found.append(
                Told(
                    vi="Chứng thư tự ký không phải chứng thư trung gian. Muốn làm gốc: --as anchor.",
                    en="A self-signed certificate is no intermediate. As an anchor: --as anchor.",
                )
            )
        return tuple(found)

    def remarks(self, now: datetime) -> tuple[Told, ...]:
        """What is worth knowing and refuses nothing. `now` is aware."""
        found = []
        known = KNOWN.get(fingerprint(self.certificate))
        if known is not None:
            found.append(
                Told(
                    vi=f"Vân tay này trùng với “{known}” thấy ở các kho công khai. Vẫn phải đối chiếu với nơi cấp.",
                    en=f"This fingerprint is that of “{known}” in public repositories. Compare with the authority all "
                    "the same.",
                )
            )
        if now > self.certificate.not_valid_after_utc:
            ended = self.certificate.not_valid_after_utc.date()
            found.append(
                Told(
                    vi=f"Chứng thư đã hết hạn ngày {ended:%d/%m/%Y}; làm gốc thì vẫn dùng được cho chữ ký cũ.",
                    en=f"The certificate ended on {ended}; as an anchor it still serves for old signatures.",
                )
            )
        if self.kind == "anchor" and _weakly_signed(self.certificate):
            found.append(
                Told(
                    vi="Chữ ký SHA-1 trên chứng thư này không được xét, vì nó là gốc; việc thu hồi nó cũng không ai "
                    "hỏi: khi cần, hãy dùng secondseal trust end.",
                    en="The SHA-1 signature on this certificate is not judged, as it is an anchor; nor is its "
                    "revocation asked for: when it comes to that, secondseal trust end.",
                )
            )
        return tuple(found)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return False
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return basic.ca
    return basic.ca and usage.key_cert_sign


def _weakly_signed(certificate: x509.Certificate) -> bool:
    algorithm, _ = algorithm_of(certificate)
    return algorithm is None or algorithm.name not in ALLOWED_HASHES
