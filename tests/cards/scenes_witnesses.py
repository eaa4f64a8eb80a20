"""Witnesses of a ceremony with one reader for all: card after card."""

from dataclasses import replace
from typing import Any

from hsm import CeremonyPlan, PinValue, TokenError, Witness, check_record, make_key, sign_as_witness, subject_name
from tests.cards.piv import AUTHENTICATION, PIN
from tests.cards.stack import Stack
from tests.tokens.fixtures import USER_PIN, TokenFarm


def one_reader_for_all(stack: Stack) -> dict[str, Any]:
    """A key is made on SoftHSM; two people sign its record with cards that take turns in one reader."""
    farm = TokenFarm(stack.folder / "farm")
    people = [("Lê Thị Chứng", stack.card(AUTHENTICATION, common_name="Lê Thị Chứng")),
              ("Phạm Văn Kiến", stack.card(AUTHENTICATION, common_name="Phạm Văn Kiến"))]  # fmt: skip
    plan = CeremonyPlan(
        uri=farm.token().uri,
        label="con dấu",
        algorithm="p-256",
        subject=subject_name({"common_name": "MẪU"}),
        witnesses=tuple(Witness(name=one, post="", uri=replace(card.uri, serial=card.serial)) for one, card in people),
    )
    record = make_key(plan, PinValue(USER_PIN), state=farm.state())
    said = []
    for witness, (_, card) in zip(plan.witnesses, people, strict=True):
        try:
            sign_as_witness(record.payload, witness, PinValue(PIN), state=farm.state())
            said.append("signed without the card")
        except TokenError as error:
            said.append(type(error).__name__)
        card.insert(0)
        card.wait()
        record = record.signed(sign_as_witness(record.payload, witness, PinValue(PIN), state=farm.state()))
        card.remove()
    found = check_record(record.as_jws())
    return {
        "said": said,
        "whole": found.whole,
        "names": [one.name for one in found.attestations],
        "verified": [card.counts().verify for _, card in people],
        "signed": [card.counts().sign for _, card in people],
    }
