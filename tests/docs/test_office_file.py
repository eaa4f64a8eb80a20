"""docs/office-file.md says what the reader in `office` reads: every key, every reason, examples that load."""

import re
from pathlib import Path
from typing import get_args

import pytest

from office import ARTICLES, Office, Reason, demo_office_text

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "office-file.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_every_key_that_is_read_stands_on_the_page() -> None:
    asked: set[str] = set()
    for module in sorted((ROOT / "office").glob("*.py")):
        for call in re.findall(r"\b(?:section|item|inner|top)\.[a-z_]+\(([^()]*)", module.read_text("utf-8")):
            asked |= set(re.findall(r'^\s*"([a-z_]+)"', call))
    asked |= {"until", "to", "valid_from", "valid_to", "certificate", "image", "signature_image", "key"}
    listed = set(re.findall(r"\b[a-z_]+\b", " ".join(re.findall(r"`([^`\n]+)`", PAGE))))
    assert len(asked) > 50
    assert asked - listed == set()


def test_the_smallest_office_loads() -> None:
    office = Office.read(EXAMPLES[0], folder=Path("/nowhere"))
    assert [seal.id for seal in office.seals] == ["a-2"]


@pytest.mark.parametrize("example", EXAMPLES[1:], ids=lambda text: text.splitlines()[0])
def test_each_example_loads_with_it(example: str) -> None:
    Office.read(f"{EXAMPLES[0]}\n{example}", folder=Path("/nowhere"))


def test_all_examples_load_together_and_show_every_table() -> None:
    Office.read("\n".join(EXAMPLES), folder=Path("/nowhere"))
    tables = set(re.findall(r"^\[\[(\w+)\]\]", "\n".join(EXAMPLES), re.MULTILINE))
    assert tables >= set(re.findall(r"^\[\[(\w+)\]\]", demo_office_text(), re.MULTILINE))
    assert tables == set(re.findall(r"^## `\[\[(\w+)\]\]`", PAGE, re.MULTILINE))


def test_every_reason_has_its_row_and_its_article() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| ([^|]+) \|[^|]*\|$", PAGE, re.MULTILINE)
    assert dict(rows) == {reason: article for reason, article in ARTICLES.items() if reason != "allowed"}
    assert set(ARTICLES) == set(get_args(Reason))
