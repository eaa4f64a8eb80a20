"""The catalogue of words: both languages, every key used, every used key there."""

import re
import string

import pytest

from tests.web.sources import PAGES, keys_used
from web import LANGUAGES, WordMissing, catalogue

TEXTS = catalogue().texts


def test_every_entry_has_both_halves_with_the_same_places() -> None:
    assert len(TEXTS) > 400
    for key, entry in TEXTS.items():
        assert set(entry) == set(LANGUAGES), key
        assert all(text.strip() == text and text for text in entry.values()), key
        if not key.endswith("_one"):
            assert _places(entry["vi"]) == _places(entry["en"]), key


def test_every_key_is_used_and_every_used_key_is_there() -> None:
    used = keys_used(TEXTS)
    assert used - set(TEXTS) == set(), "asked for, and not in the catalogue"
    assert set(TEXTS) - used == set(), "in the catalogue, and on no page"


def test_english_counts_one_properly() -> None:
    words = catalogue()
    assert words.count("en", "review.sign", 1) == "Sign 1 paper"
    assert words.count("en", "review.sign", 2) == "Sign 2 papers"
    assert words.count("vi", "review.sign", 1) == "Ký 1 văn bản"
    with pytest.raises(WordMissing):
        words.say("en", "no.such")


def test_the_words_keep_the_rules_of_the_house() -> None:
    """No begging, no praise, never "hợp lệ" alone, one word for each thing, and only letters the font has."""
    for key, entry in TEXTS.items():
        vietnamese = entry["vi"]
        assert not re.search(r"vui lòng|thành công|xin mời", vietnamese, re.IGNORECASE), key
        assert not re.search(r"[→✓№✔✗]", vietnamese + entry["en"]), key
        assert "mã pin" not in vietnamese.lower() or "mã PIN" in vietnamese, key


def test_no_page_has_words_of_its_own() -> None:
    """Text in the pages comes from the catalogue: nothing with a Vietnamese letter, no English sentence."""
    for page in PAGES:
        markup = r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>"
        text = re.sub(markup, " ", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for word in ("Second Seal", "SHA-256", "ETSI EN 319 102-1", "OpenAPI", "POST", "/api/v1/verifications"):
            text = text.replace(word, "")
        assert re.findall(r"[A-Za-zÀ-ỹ]{3,}", re.sub(r"&\w+;", "", text)) == [], page.name


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
