"""What can go wrong while a paper is drawn. Nothing half-drawn ever leaves: each of these stops the paper."""

from dataclasses import dataclass


class PaperError(Exception):
    """A paper or a mark that cannot be made. `text_vi` and `text_en` are for people."""

    def __init__(self, text_vi: str, text_en: str) -> None:
        super().__init__(text_en)
        self.text_vi = text_vi
        self.text_en = text_en


Problem = tuple[str, str, str]
"""(path such as "members.0.share_percent", what is wrong in Vietnamese, the same in English)."""


class PaperDataInvalid(PaperError):
    """The values do not make this paper. `problems` names each place, in Vietnamese and English."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(
            "Thông tin của văn bản chưa đúng: " + "; ".join(f"{path}: {vi}" for path, vi, _ in problems),
            "The paper's data is not valid: " + "; ".join(f"{path}: {en}" for path, _, en in problems),
        )
        self.problems = problems


class GlyphMissing(PaperError):
    """A character the paper's typeface cannot draw. `where` is the path of the value that holds it."""

    def __init__(self, character: str, where: str) -> None:
        name = f"U+{ord(character):04X}"
        super().__init__(
            f"{where}: phông chữ của văn bản không có ký tự “{character}” ({name}).",
            f"{where}: the paper's typeface has no glyph for “{character}” ({name}).",
        )
        self.character = character
        self.where = where


class PaperUnknown(PaperError):
    """No paper of this name in the catalogue."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Không có mẫu văn bản “{name}”.", f"There is no paper called “{name}”.")
        self.name = name


class MarkupInvalid(PaperError):
    """A paper's markup that cannot be read or filled in. `line` is the markup's own, None where it is not known."""

    def __init__(self, line: int | None, text_vi: str, text_en: str) -> None:
        where = ("", "") if line is None else (f"dòng {line}: ", f"line {line}: ")
        super().__init__(f"{where[0]}{text_vi}", f"{where[1]}{text_en}")
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong in one file of a paper's folder, and where; `line` counts from 1, None: the file as a whole."""

    file: str
    line: int | None
    vi: str
    en: str


class FolderInvalid(PaperError):
    """A folder that is no paper. `faults` names every place found."""

    def __init__(self, name: str, faults: tuple[Fault, ...]) -> None:
        def told(text: str, fault: Fault) -> str:
            return f"{fault.file}{f':{fault.line}' if fault.line else ''}: {text}"

        super().__init__(
            f"Thư mục mẫu “{name}” chưa đúng: " + "; ".join(told(fault.vi, fault) for fault in faults),
            f"The paper's folder “{name}” is not right: " + "; ".join(told(fault.en, fault) for fault in faults),
        )
        self.name = name
        self.faults = faults


class MarkInvalid(PaperError):
    """A picture that may not stand on a paper as a signature or a seal (NĐ 30/2020, PL I, 7.d and 8.a).

    `reason` is one of: not_png, too_large, too_small, no_alpha, empty, not_blue, not_red, not_round.
    `found` is the measured number that failed, where there is one.
    """

    def __init__(self, reason: str, text_vi: str, text_en: str, *, found: float | None = None) -> None:
        super().__init__(text_vi, text_en)
        self.reason = reason
        self.found = found
