"""How figures are written for people: shares, working time and the time that passed."""

from web import Language, catalogue

_HOUR_S = 3600
_DAY_S = 86_400
_MINUTE_S = 60


def number(value: float, language: Language, digits: int = 0) -> str:
    """1.234,5 or 1,234.5; without digits after the mark where they are all 0."""
    text = f"{value:,.{digits}f}"
    if digits:
        text = text.rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,")) if language == "vi" else text


def share(value: float | None, language: Language) -> str:
    """96,4% (96.4%), or a dash where there is nothing to tell. Never rounded up to all."""
    if value is None:
        return "–"
    tenths = round(value * 1000)
    if tenths == 1000 and value < 1:
        tenths = 999
    return f"{number(tenths / 10, language, 1)}%"


def working(seconds: int | None, day_s: int, language: Language) -> str:
    """Working time: minutes, hours below one working day, working days from there on."""
    if seconds is None:
        return "–"
    if seconds < day_s:
        return _short(seconds, language)
    return _days(seconds / day_s, "workday", language)


def elapsed(seconds: int | None, language: Language) -> str:
    """Time on the clock: minutes, hours below one day, days from there on."""
    if seconds is None:
        return "–"
    if seconds < _DAY_S:
        return _short(seconds, language)
    return _days(seconds / _DAY_S, "day", language)


def _short(seconds: int, language: Language) -> str:
    words = catalogue()
    if seconds < _MINUTE_S:
        return words.say(language, "span.moment")
    if seconds < _HOUR_S:
        return words.count(language, "span.minutes", round(seconds / _MINUTE_S))
    hours = number(seconds / _HOUR_S, language, 1)
    return words.say(language, "span.hours_one" if hours == "1" else "span.hours", n=hours)


def _days(days: float, unit: str, language: Language) -> str:
    shown = number(days, language, 1)
    return catalogue().say(language, f"span.{unit}s_one" if shown == "1" else f"span.{unit}s", n=shown)
