"""The sentence about an issuer that is gone: who it was, until when, and who stands in its place (AC-121)."""

from office import IssuingBody
from web import Language


def succession_line(issuer: IssuingBody | None, language: Language) -> str:
    """ "Cơ quan ban hành: … (đến 30/6/2025), kế thừa bởi: …"; empty while the issuer itself acts, or is unknown."""
    if issuer is None or not issuer.ended:
        return ""
    return issuer.line_vi if language == "vi" else issuer.line_en
