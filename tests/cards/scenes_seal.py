"""An office whose seal's key lies on a card: the office's file and the settings say so, nothing else does.

The worker's own path: `SealKeys`, the passage, the verifier's verdict on what came out. The PKI answers on the
namespace's loopback.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from register import audit, seal_log
from secondseal.demo.pki import Pki
from secondseal.keys import SealKeys
from secondseal.settings import Settings
from stamping import documents, lookups, passage
from store import read
from tests.cards.piv import AUTHENTICATION, PIN
from tests.cards.stack import Card, Stack
from tests.pki.fixtures import make_key
from tests.stamping.office_desk import ORGANISATION_NAME, SEAL, Place, PlaceMaker
from verifier import Sandbox

_URL = "https://dau.example"
"""A working office's papers name it; nobody is asked there."""


def sealed_by_a_card(stack: Stack) -> dict[str, Any]:
    """Two papers, one after the other; the card is pulled out while it signs the first, and put back."""
    with _office(stack) as (place, card, keys):
        papers = [_confirmed(place) for _ in range(2)]
        card.hold()
        worker = threading.Thread(target=passage.serve_one, args=(place.worker, keys))
        worker.start()
        card.wait_signing()
        card.remove()
        began = time.monotonic()
        card.insert()
        worker.join(30)
        seconds = time.monotonic() - began
        assert passage.serve_one(place.worker, keys)
        nothing_left = not passage.serve_one(place.worker, keys)
        seal = place.desk.office().seal(SEAL)
        assert seal is not None
        key = keys(seal)
        with read(place.desk.engine) as connection:
            report = audit(connection, place.desk.files, None)
        counts = card.counts()
        return {
            "papers": [_told(place, paper) for paper in papers],
            "seconds": round(seconds, 2),
            "nothing_left": nothing_left,
            "operations": key.operations,
            "card_signed": counts.sign,
            "pins": counts.verify,
            "software": key.token.is_software,
            "intact": report.intact,
        }


def _told(place: Place, document_id: str) -> dict[str, Any]:
    view = documents.view(place.desk, document_id)
    with read(place.desk.engine) as connection:
        events = [row.event for row in seal_log.entries_of(connection, document_id)]
    pdf, revision, _ = documents.file(place.desk, document_id)
    verdict = lookups.verify(place.desk, pdf)
    return {
        "state": view.state,
        "problem": str(view.problem),
        "events": events,
        "revision": revision,
        "verdict": verdict.word,
        "status": verdict.status,
    }


def _confirmed(place: Place) -> str:
    document = place.paper()
    place.approve(document.id)
    place.confirm(document.id)
    return document.id


@contextmanager
def _office(stack: Stack) -> Iterator[tuple[Place, Card, SealKeys]]:
    """A declared non-test office: its seal's key may lie in no software token."""
    with Pki.create(stack.folder / "pki") as pki, Sandbox() as sandbox:
        card = stack.card(
            AUTHENTICATION, issue=lambda public_key: pki.issue_organisation("seal", ORGANISATION_NAME, public_key)
        )
        card.insert()
        # No seal on SoftHSM: what needs one is not used here.
        maker = PlaceMaker(pki, None, sandbox, partial(make_key, pki), stack.folder)  # type: ignore[arg-type]
        place = maker()
        place.desk, place.worker = (replace(desk, public_url=_URL) for desk in (place.desk, place.worker))
        home = place.desk.home
        (home / "seal.pem").write_bytes(card.certificates[AUTHENTICATION].public_bytes(Encoding.PEM))
        pin_file = home / "seal.pin"
        pin_file.touch(0o600)
        pin_file.write_text(PIN)
        place.rewrite_office(
            (f'id = "{SEAL}"\n', f'id = "{SEAL}"\nkey = "{card.uri}"\ncertificate = "seal.pem"\n'),
            ("test_office = true", "test_office = false"),
        )
        keys = SealKeys(Settings(home=home, state=home / "state", pin_file=pin_file), place.worker)
        try:
            yield place, card, keys
        finally:
            keys.close()
