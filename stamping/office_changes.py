"""What a proposal changes, as it is written down beside it and told again years later."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from office import Change
from register import OfficeProposal
from stamping.history import to_json


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldChange:
    """A change as it was written down when it was proposed."""

    text_vi: str
    text_en: str
    second_person: bool


def written(differing: Sequence[Change]) -> str:
    """The changes as the register keeps them."""
    return to_json(
        [{"text_vi": one.text_vi, "text_en": one.text_en, "second_person": one.second_person} for one in differing]
    )


def told_changes(proposal: OfficeProposal) -> tuple[ToldChange, ...]:
    """What was written down as the change when it was proposed."""
    return tuple(ToldChange(**one) for one in json.loads(proposal.summary))
