"""Which language to answer in: `?lang`, else the cookie, else `Accept-Language`; else Vietnamese."""

from typing import Final

from starlette.requests import Request

from web import LANGUAGES, Language

COOKIE: Final = "lang"
COOKIE_LIFE_S: Final = 365 * 24 * 3600


def language_of(request: Request) -> Language:
    """The language of this request's answer."""
    for asked in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if asked in LANGUAGES:
            return asked
    return _accepted(request.headers.get("accept-language", ""))


def chosen(request: Request) -> Language | None:
    """The language just chosen by `?lang`, to be remembered."""
    asked = request.query_params.get("lang")
    return asked if asked in LANGUAGES else None


def _accepted(header: str) -> Language:
    """English only where English is wanted more than Vietnamese (RFC 9110, 12.5.4); otherwise Vietnamese."""
    weights: dict[str, float] = {}
    for part in header[:500].split(","):
        tag, _, parameter = part.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        primary = tag.strip().lower().partition("-")[0]
        weights[primary] = max(weight, weights.get(primary, 0.0))
    english = weights.get("en", 0.0)
    return "en" if english > weights.get("vi", 0.0) else "vi"
