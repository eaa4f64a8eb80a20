"""What the documents name exists: make targets, commands, files that links lead to."""

import re
import subprocess
from pathlib import Path

import pytest

from secondseal.command import NOUNS

ROOT = Path(__file__).parents[2]
KEPT = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
DOCUMENTS = [ROOT / line for line in KEPT.splitlines()]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```[a-z]*\n(.*?)^```", re.DOTALL | re.MULTILINE)


def _code(document: Path) -> str:
    """Code blocks and spans: where a document tells the reader to type something."""
    text = document.read_text(encoding="utf-8")
    return "\n".join([*BLOCK.findall(text), *re.findall(r"`([^`\n]+)`", BLOCK.sub("", text))])


def _make_targets() -> set[str]:
    rules = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    return set(rules)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(document: Path) -> None:
    links = (link.partition("#")[0] for link in LINK.findall(document.read_text(encoding="utf-8")))
    missing = [link for link in links if link and ":" not in link and not (document.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_make_targets_exist(document: Path) -> None:
    named = {
        word
        for line in re.findall(r"^make ([^#\n]+)", _code(document), re.MULTILINE)
        for word in line.split()
        if "=" not in word
    }
    assert named - _make_targets() == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_exist(document: Path) -> None:
    """Every `secondseal NOUN` a document tells to type is in the list of `secondseal --help`."""
    known = {noun.name for noun in NOUNS}
    named = set(re.findall(r"\bbin/secondseal ([a-z]+)|^secondseal ([a-z]+)", _code(document), re.MULTILINE))
    assert {first or second for first, second in named} - known == set()


def test_every_make_target_says_what_it_does() -> None:
    """`make help` lists each target a person would type."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    silent = set(re.findall(r"^([a-z]+):(?!.*## )", makefile, re.MULTILINE))
    assert silent == set()


def test_decisions_have_numbers_of_their_own_and_a_title_that_says_so() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert len({path.name[:4] for path in records}) == len(records)
    titles = {path.name: path.read_text(encoding="utf-8").partition("\n")[0] for path in records}
    assert [name for name, title in titles.items() if not title.startswith("# ") or name[:4] not in title] == []
