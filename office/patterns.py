"""How this office writes its codes: dossiers, results, organisations, numbers. Settings of its file, [patterns].

A pattern is a regular expression of the linear-time kind (pydantic's Rust engine): however it is written, matching
takes time in proportion to the text, and a pattern that needs more (backward references, looking around) is refused at
load, as is one whose automaton is too large. Texts are bounded before they are matched.
"""

from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import Final

from pydantic_core import SchemaError, SchemaValidator, ValidationError, core_schema

from .section import Section

LONGEST: Final = 100
"""Letters of a code that is matched at all."""
_LONGEST_PATTERN: Final = 300
_MOST_PATTERNS: Final = 20
_LONGEST_DOSSIER: Final = 60
_LONGEST_RESULT: Final = 80
_MOST_RESULTS: Final = 9999


class PatternInvalid(ValueError):
    """No regular expression that may be used here; the message says why."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression that a whole text must fit. Raises PatternInvalid when it is made."""

    text: str

    def __post_init__(self) -> None:
        if len(self.text) > _LONGEST_PATTERN:
            raise PatternInvalid(f"longer than {_LONGEST_PATTERN} letters")
        _validator(self.text)

    def fits(self, code: str) -> bool:
        """Whether the whole of a code of at most `LONGEST` letters fits."""
        try:
            _validator(self.text).validate_python(code)
        except ValidationError:
            return False
        return True


@cache
def _validator(text: str) -> SchemaValidator:
    try:
        # by itself first: a pattern that closes our bracket must not become another pattern
        SchemaValidator(core_schema.str_schema(pattern=text, regex_engine="rust-regex"))
        return SchemaValidator(
            core_schema.str_schema(
                pattern=rf"\A(?:{text})\z", regex_engine="rust-regex", max_length=LONGEST, strict=True
            )
        )
    except SchemaError as error:
        raise PatternInvalid(" ".join(str(error).rpartition("SchemaError: ")[2].split())[:300]) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """`dossiers`: a dossier's code fits one of them (AC-95). `result`: the form of result codes, with `{dossier}` and
    `{n}` (AC-90). `organisation`: what organisations' codes look like. `notation`: number and symbol, as far as an
    office is stricter than Decree 30 (AC-27 holds in any case)."""

    dossiers: tuple[Pattern, ...]
    result: str
    organisation: Pattern
    notation: Pattern

    def dossier_fits(self, code: str) -> bool:
        """Whether this is a dossier's code here."""
        return len(code) <= _LONGEST_DOSSIER and any(pattern.fits(code) for pattern in self.dossiers)


USUAL: Final = Patterns(
    dossiers=(
        # TT 01/2018/TT-VPCP article 19, and the style of QĐ 20/2020 (AC-95)
        Pattern(r"[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2}-[0-9]{6}-[0-9]{4,}"),
        Pattern(r"[A-Z][0-9]{2}(\.[0-9]{2}){1,3}-[0-9]{6}-[0-9]{4,}"),
    ),
    result="{dossier}-KQ{n}",
    organisation=Pattern(r"\S{1,30}"),
    notation=Pattern(r"[0-9]{2,}/[A-ZĐ0-9]+(-[A-ZĐ0-9]+)*"),
)
"""Where the file says nothing."""


def read_patterns(section: Section | None) -> Patterns:
    """The [patterns] table; every key left out is as usual."""
    if section is None:
        return USUAL
    dossiers = tuple(
        pattern for text in section.texts("dossier") if (pattern := _pattern(section, "dossier", text)) is not None
    )
    if len(dossiers) > _MOST_PATTERNS:
        section.problem("dossier", f"nhiều hơn {_MOST_PATTERNS} mẫu", f"more than {_MOST_PATTERNS} patterns")
    patterns = Patterns(
        dossiers=dossiers or USUAL.dossiers,
        result=_result(section, section.optional_text("result") or USUAL.result),
        organisation=_one(section, "organisation", USUAL.organisation),
        notation=_one(section, "notation", USUAL.notation),
    )
    section.finish()
    return patterns


def _one(section: Section, key: str, usual: Pattern) -> Pattern:
    text = section.optional_text(key)
    return usual if text is None else _pattern(section, key, text) or usual


def _pattern(section: Section, key: str, text: str) -> Pattern | None:
    try:
        return Pattern(text)
    except PatternInvalid as error:
        section.problem(
            key,
            f"“{text[:60]}” không phải biểu thức chính quy dùng được ở đây (không nhận tham chiếu ngược, nhìn trước, "
            f"nhìn sau): {error}",
            f"{text[:60]!r} is no regular expression for this place (no back references, no looking around): {error}",
        )
        return None


def _result(section: Section, form: str) -> str:
    """Exactly one `{dossier}` and one `{n}`, plain, and no code longer than the register keeps."""
    try:
        parts = tuple(Formatter().parse(form))
        named = [name for _, name, _, _ in parts if name is not None]
        plain = all(not spec and not conversion for _, _, spec, conversion in parts)
        made = form.format(dossier="D" * _LONGEST_DOSSIER, n=_MOST_RESULTS)
    except (ValueError, KeyError, IndexError, AttributeError):
        named, made, plain = [], "", False
    if sorted(named) != ["dossier", "n"] or not plain or len(made) > _LONGEST_RESULT:
        section.problem(
            "result",
            f"cần {{dossier}} và {{n}}, mỗi thứ một lần, và mã không dài quá {_LONGEST_RESULT} ký tự",
            f"needs {{dossier}} and {{n}}, each once, and codes of at most {_LONGEST_RESULT} letters",
        )
        return USUAL.result
    return form
