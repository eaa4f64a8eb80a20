"""The examples of the description are what the service is asked and answers: one day of an office, played again."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from api.examples import FILE, recorded
from api.operations import NAMES
from tests.api.passage_of_examples import DOSSIER, MAIN, PAPER, Passage, walk
from tests.api.serving import serving
from tests.stamping.office_desk import PlaceMaker
from trust import WebhookPolicy

TUTORIAL: Final = Path("docs/tutorial.md")
_IDENTITY: Final = re.compile(r"\b[0-9a-f]{16,64}\b|\b[0-9A-HJKMNP-TV-Z]{27}\b|(?<=evt_)[0-9a-f]{32}")
_DAILY: Final = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)"), "<moment>"),
    (re.compile(r"\b\d{4}-\d\d(-\d\d)?\b"), "<day>"),
    (re.compile(r"^[A-Za-z0-9+/=]{100,}$"), "<base64>"),
    (re.compile(r"^0/000\.p/\d+$"), "<tile>"),
)
_SAID: Final = {"decision_number", "decided_on"}
"""Days that are said in a request are compared as they are."""
_ELSEWHERE: Final = {"tsa_serial"}
"""The authority's numbers: of their own length."""


@pytest.fixture(scope="module")
def passage(desk_with: PlaceMaker) -> Iterator[Passage]:
    """Walked through in an office of its own; kept as the examples where that is asked for."""
    place = desk_with()
    with serving(place, webhook_key=place.desk.home / "webhook.key", webhook_policy=WebhookPolicy()) as running:
        walked = walk(running)
        if os.environ.get("EXAMPLES") == "record":
            told = {"operations": walked.asked, "refusals": walked.refused}
            FILE.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            recorded.cache_clear()
        yield walked


class Comparison:
    """Two days of the same office: each identity of the one is one identity of the other, and the rest is the same but
    for times, signatures and quantities."""

    def __init__(self) -> None:
        self._theirs: dict[str, str] = {}
        self._ours: dict[str, str] = {}

    def compare(self, example: Any, now: Any, where: str) -> None:
        """Raises what differs."""
        if isinstance(example, dict) and isinstance(now, dict):
            assert example.keys() == now.keys(), where
            for name in example:
                if name in _ELSEWHERE:
                    assert type(example[name]) is type(now[name]), where
                elif name in _SAID:
                    assert example[name] == now[name], where
                else:
                    self.compare(example[name], now[name], f"{where}.{name}")
        elif isinstance(example, list) and isinstance(now, list):
            assert len(example) == len(now), where
            for n, (one, other) in enumerate(zip(example, now, strict=True)):
                self.compare(one, other, f"{where}.{n}")
        elif isinstance(example, str) and isinstance(now, str):
            for one, other in zip(_IDENTITY.findall(example), _IDENTITY.findall(now), strict=True):
                assert self._theirs.setdefault(one, other) == other, f"{where}: another than before"
                assert self._ours.setdefault(other, one) == one, f"{where}: another than before"
            assert _timeless(example) == _timeless(now), where
        elif isinstance(example, bool) or example is None or isinstance(now, bool):
            assert example is now, where
        else:
            assert isinstance(example, int | float), where
            assert isinstance(now, int | float), where


def _timeless(text: str) -> str:
    text = _IDENTITY.sub("<identity>", text)
    for daily, mark in _DAILY:
        text = daily.sub(mark, text)
    return text


def test_a_day_of_the_office_goes_as_the_examples_tell(passage: Passage) -> None:
    """What one call answers, the next asks with: the same identities throughout."""
    told = recorded()
    assert list(told["operations"]) == list(passage.asked)
    assert [name for name in passage.asked if name in MAIN] == list(MAIN)
    days = Comparison()
    for name, now in passage.asked.items():
        days.compare(told["operations"][name], now, name)
    for status, now in passage.refused.items():
        days.compare(told["refusals"][status], now, status)


def test_every_call_has_its_examples_and_each_is_of_its_schema(passage: Passage) -> None:
    described = passage.office.client().get("/api/v1/openapi.json").json()
    assert recorded()["operations"].keys() == set(NAMES.values())
    components = {"components": described["components"]}

    def fits(name: str, content: dict[str, Any]) -> None:
        kind = content.get("application/json")
        if kind is not None:
            wrong = list(Draft202012Validator({**components, **kind["schema"]}).iter_errors(kind["example"]))
            assert wrong == [], name

    for verbs in described["paths"].values():
        for operation in verbs.values():
            name = operation["operationId"]
            fits(name, operation.get("requestBody", {}).get("content", {}))
            for status, answer in operation["responses"].items():
                if status < "300":
                    fits(name, answer.get("content", {}))
            assert all("example" in one for one in operation.get("parameters", []) if one["in"] == "path"), name


def test_the_tutorial_sends_what_the_examples_show() -> None:
    """Written in both, since a reader of either needs it; said once here."""
    blocks = dict(re.findall(r"cat > (\w+)\.json <<END\n(.*?)\nEND\n", TUTORIAL.read_text("utf-8"), re.DOTALL))
    assert json.loads(blocks["dossier"]) == DOSSIER
    paper = json.loads(blocks["paper"])
    assert paper["data"].pop("registered_on") == "$(date +%Y-%m-%d)"
    assert paper == PAPER
