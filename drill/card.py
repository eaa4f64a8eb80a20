"""Drills of the seal's key on a smart card: pcscd, a virtual reader and card, OpenSC's driver (tests/cards).

    token-unplugged     the card is pulled out in the middle of a signature and plugged in again later
    pin-locked          another program locks the card's PIN; it is unblocked by the PUK, and the list confirmed again

The whole scene runs in namespaces of its own (`tests.cards.namespace`): `python -m drill.card NAME` inside.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from drill.office_room import OfficeRoom, seal_key_of, served
from drill.outcome import DrillFailed, Outcome
from secondseal.demo.office import ORGANISATION_NAME, open_or_build
from secondseal.demo.pki import Pki
from tests.cards.namespace import entrance, furnish
from tests.cards.piv import AUTHENTICATION, PIN, PUK
from tests.cards.stack import OPENSC_CONF, Card, Stack, missing
from tests.ports import free_port

PAPERS = 6
AWAY_S = 12.0
LONGEST_S = 300.0
_TOOL = ("yubico-piv-tool", "-r", "Virtual PCD 00 00")


@dataclass(kw_only=True)
class CardRoom(OfficeRoom):
    """An office whose seal's key lies on a card."""

    card: Card


def token_unplugged(room: CardRoom, count: int = PAPERS) -> Outcome:
    """Out while it computes, and back after longer than the key's own recovery lasts."""
    began = time.monotonic()
    wrong: list[str] = []
    papers = room.papers(count)
    signed, pins = room.card.counts().sign, room.card.counts().verify
    room.card.hold()
    listed = room.confirm(papers)
    room.card.wait_signing(60)
    room.card.remove()
    told_s = room.until(lambda: room.look(listed)["waits"] is not None, 30, "the list says that it waits")
    time.sleep(AWAY_S)
    if any(one["state"] == "failed" for one in room.look(listed)["documents"]):
        wrong.append("papers were given back while the card was out")
    room.card.insert()
    back_s = room.until(lambda: room.sealed(listed) > 0, 60, "a paper is sealed after the card's return")
    room.finished(listed)
    after = room.card.counts()
    if len(room.workers()) != 1:
        wrong.append("the worker was started again")
    if after.refused or after.left != 3:
        wrong.append(f"the card refused {after.refused} PINs and has {after.left} tries left")
    did = (
        f"card pulled out in its first of {count} signatures, back {AWAY_S:.0f} s after the list was said to wait "
        f"({told_s:.1f} s); next paper sealed {back_s:.1f} s after its return, PIN sent {after.verify - pins} times"
    )
    return room.outcome("token-unplugged", did, papers, began, wrong, uses=after.sign - signed)


def pin_locked(room: CardRoom, count: int = PAPERS) -> Outcome:
    """Three wrong PINs by another program; the list comes back with the reason, no PIN is sent; then the PUK."""
    began = time.monotonic()
    wrong: list[str] = []
    papers = room.papers(count)
    for _ in range(3):
        subprocess.run([*_TOOL, "-a", "verify-pin", "-P", "000000"], capture_output=True, check=False)
    locked = room.card.counts()
    if locked.left:
        raise DrillFailed(f"the card is not locked, {locked.left} tries left")
    listed = room.confirm(papers)
    given_back_s = room.finished(listed)
    told = [one["problem"]["type"] for one in room.look(listed)["documents"] if one["problem"]]
    if told != ["urn:secondseal:problem:pin-locked"] * count:
        wrong.append(f"the papers came back with {told}")
    sent = room.card.counts().verify - locked.verify
    if sent:
        wrong.append(f"{sent} PINs were sent to a locked card")
    clean = room.tally(papers)
    if clean.lost or clean.doubled:
        wrong.append(f"while locked: lost {clean.lost}, doubled {clean.doubled}")
    subprocess.run([*_TOOL, "-a", "unblock-pin", "-P", PUK, "-N", PIN], capture_output=True, check=True)
    room.finished(room.confirm(papers))
    if len(room.workers()) != 1:
        wrong.append("the worker was started again")
    did = (
        f"card locked by another program; {count} papers back with the reason in {given_back_s:.1f} s, confirmed again"
    )
    return room.outcome("pin-locked", did, papers, began, wrong)


ROOM_DRILLS: dict[str, Callable[[CardRoom], Outcome]] = {"token-unplugged": token_unplugged, "pin-locked": pin_locked}


def apart(name: str) -> Outcome:
    """Carry out one of them in namespaces of its own. Raises `DrillFailed`, also where there are none."""
    before = entrance()
    reason = missing() or (before if isinstance(before, str) else "")
    if reason or isinstance(before, str):
        raise DrillFailed(reason)
    done = subprocess.run(
        [*before, sys.executable, "-m", "drill.card", name],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    if done.returncode != 0:
        raise DrillFailed(done.stderr.strip()[-4000:])
    told = json.loads(done.stdout.splitlines()[-1])
    return Outcome(**{**told, "wrong": tuple(told["wrong"])})


@contextmanager
def open_room(folder: Path, stack: Stack) -> Iterator[CardRoom]:
    """A new demo office whose seal's key lies on a card that is plugged in, served."""
    port = free_port()
    office = open_or_build(folder / "demo-office", port=port)
    pki = Pki.open(office.pki_folder)
    card = stack.card(
        AUTHENTICATION, issue=lambda public_key: pki.issue_organisation("seal-card", ORGANISATION_NAME, public_key)
    )
    card.insert()
    card.wait()
    (office.home / "seal.pem").write_bytes(card.certificates[AUTHENTICATION].public_bytes(Encoding.PEM))
    (office.home / "pins" / "seal.pin").write_text(PIN)
    seal_key_of(office, str(card.uri))
    with served(office, port, folder, {"OPENSC_CONF": str(OPENSC_CONF)}) as room:
        yield CardRoom(**vars(room), card=card)


def main() -> None:
    """Inside: one drill; its outcome as JSON on the last line."""
    furnish()
    with (
        tempfile.TemporaryDirectory(prefix="secondseal-drill-") as folder,
        Stack(Path(folder)) as stack,
        open_room(Path(folder), stack) as room,
    ):
        outcome = ROOM_DRILLS[sys.argv[1]](room)
    print(json.dumps(asdict(outcome)), flush=True)


if __name__ == "__main__":
    main()
