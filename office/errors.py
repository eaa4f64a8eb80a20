"""What is wrong with an office file: all of it at once, each with where it stands."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong. `where` is a path like `seals[2].diameter_mm` (counted from 1); `line` where known."""

    where: str
    line: int | None
    text_vi: str
    text_en: str


class OfficeInvalid(Exception):
    """The office file cannot be used. `problems` holds everything found, in the file's order."""

    def __init__(self, path: Path, problems: tuple[Problem, ...]) -> None:
        self.path = path
        self.problems = problems
        self.text_vi = self._listed("Tệp cơ quan {path} có {count} lỗi:", "dòng", [p.text_vi for p in problems])
        self.text_en = self._listed(
            "the office file {path} has {count} problem(s):", "line", [p.text_en for p in problems]
        )
        super().__init__(self.text_en)

    def _listed(self, heading: str, line_word: str, texts: list[str]) -> str:
        lines = [heading.format(path=self.path, count=len(self.problems))]
        for problem, text in zip(self.problems, texts, strict=True):
            place = f"{problem.where} ({line_word} {problem.line})" if problem.line else problem.where
            lines.append(f"- {place}: {text}" if place else f"- {text}")
        return "\n".join(lines)
