"""Validation policies as they were published: their texts and parameters, each version kept for ever."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

_FOLDER: Final = Path(__file__).with_name("policies")
_Language = Literal["vi", "en"]


@dataclass(frozen=True, kw_only=True)
class Section:
    """Some rules under one title, in one language."""

    title: str
    points: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Constraint:
    """One kind of finding: the best verdict a file that has it can still get, and its ETSI EN 319 102-1 words."""

    code: str
    worst: str
    indication: str
    sub_indication: str | None
    text: str


@dataclass(frozen=True, kw_only=True)
class PublishedPolicy:
    """One version of one policy. `parameters` are those of `verifier.Policy`, lists sorted."""

    name: str
    version: str
    published: date
    parameters: Mapping[str, Any]
    _text: Mapping[str, Any]

    def title(self, language: _Language) -> str:
        """What it is called."""
        return str(self._text[f"title_{language}"])

    def lead(self, language: _Language) -> str:
        """What it is for."""
        return str(self._text[f"lead_{language}"])

    def sections(self, language: _Language) -> tuple[Section, ...]:
        """The rules in words."""
        return tuple(
            Section(title=one[f"title_{language}"], points=tuple(one[f"points_{language}"]))
            for one in self._text["sections"]
        )

    def constraints(self, language: _Language) -> tuple[Constraint, ...]:
        """Every kind of finding."""
        return tuple(
            Constraint(
                code=one["code"],
                worst=one["worst"],
                indication=one["indication"],
                sub_indication=one.get("sub_indication"),
                text=one[language],
            )
            for one in self._text["findings"]
        )


def published(name: str, version: str) -> PublishedPolicy | None:
    """The policy of that name and version, or None."""
    return _all().get((name, version))


def policy_path(name: str, version: str) -> str:
    """Where a service publishes a version, below its own address. Verdicts in people's hands name it."""
    return f"/verify/policies/{name}/{version}"


def published_text(name: str, version: str) -> bytes | None:
    """The file of that version, which its hash names; None where there is none."""
    file = _FOLDER / f"{name}-{version}.toml"
    return file.read_bytes() if published(name, version) is not None else None


@cache
def _all() -> Mapping[tuple[str, str], PublishedPolicy]:
    texts = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.toml"))]
    return {
        (text["name"], text["version"]): PublishedPolicy(
            name=text["name"],
            version=text["version"],
            published=text["published"],
            parameters=text["parameters"],
            _text=text,
        )
        for text in texts
    }
