"""Papers with two and with six B-LT signatures, by as many signers; signed by pyHanko, loopback PKI."""

from dataclasses import dataclass
from typing import Final

from secondseal.demo.pki import Pki
from tests.pki.fixtures import make_key
from tests.verifier.desk import DATA, OFFICE, Desk
from tests.verifier.papers import make_paper
from verifier import OFFICER_FIELD, SEAL_FIELD

_NAMES: Final = ("Trần Thị Một", "Lê Văn Hai", "Phạm Thị Ba", "Đỗ Văn Bốn")


@dataclass(frozen=True, kw_only=True)
class Papers:
    """The desk that made them, and the files."""

    desk: Desk
    two: bytes
    six: bytes


def make_papers(pki: Pki) -> Papers:
    """Make both. The longer one: four officials in turn, then the officer and the seal."""
    desk = Desk(pki, lambda kind="person", **terms: make_key(pki, kind, **terms))
    longer = make_paper(data=DATA)
    for place, name in enumerate(_NAMES):
        key = make_key(pki, name=name, organisation=OFFICE)
        box = (40, 300 + 70 * place, 180, 360 + 70 * place)
        longer = desk.sign_lt(longer, key, f"Official{place + 1}", box=box)
    longer = desk.sign_lt(longer, desk.officer, OFFICER_FIELD)
    return Papers(desk=desk, two=desk.sealed, six=desk.sign_lt(longer, desk.seal, SEAL_FIELD))
