"""A seal claims the time at which its key was used, however long other files' time stamps took (AC-74).

The time authority on loopback takes its time by a clock that the office goes by too, so nothing is waited for.
"""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pikepdf
import pypdfium2
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from sqlalchemy import select

from secondseal.demo.pki import Pki
from signer import Level
from stamping import documents, lookups, passage
from stamping.tables import attachments as attachment_rows
from stamping.tables import documents as document_rows
from store import read
from templates.appendix_mark import appendix_text
from tests.pki.quick_authority import Stamper
from tests.stamping.office_desk import Place, PlaceMaker
from tests.stamping.test_attachments import LIST, MAP

TAKES = timedelta(seconds=45)
"""Less than the minute a claimed time may be off its time stamp, and more than half of it."""


@dataclass
class SlowAuthority:
    """Stamps at `url` as the PKI's own authority does. Each stamp takes `takes`, by `clock`; `asked` has when."""

    stamper: Stamper
    url: str = ""
    behind: timedelta = timedelta(minutes=4)
    takes: timedelta = timedelta()
    asked: list[datetime] = field(default_factory=list)

    def clock(self) -> datetime:
        """Goes on as the computer's does, and by leaps."""
        return datetime.now(UTC) - self.behind

    def stamp(self, request: bytes) -> bytes:
        self.asked.append(self.clock())
        self.behind -= self.takes
        return self.stamper.reply(request, self.clock())


@contextmanager
def answering(pki: Pki) -> Iterator[SlowAuthority]:
    key = pki.authority("tsa").key
    assert isinstance(key, EllipticCurvePrivateKey)
    authority = SlowAuthority(Stamper(pki.tsa, key))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = authority.stamp(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        authority.url = f"http://127.0.0.1:{server.server_port}/tsa"
        yield authority
        server.shutdown()


@pytest.fixture
def slow(pki: Pki) -> Iterator[SlowAuthority]:
    with answering(pki) as authority:
        yield authority


def at_its_pace(place: Place, authority: SlowAuthority) -> Place:
    return replace(
        place,
        desk=replace(place.desk, clock=authority.clock),
        worker=replace(place.worker, clock=authority.clock),
    )


def test_each_document_of_a_list_claims_its_own_time(desk_with: PlaceMaker, slow: SlowAuthority) -> None:
    """What the register and the document's row say is what the signature says, and no reader remarks on it."""
    place = at_its_pace(desk_with(level=Level.B_T, tsa_urls=[slow.url]), slow)
    ids = [place.paper().id for _ in range(3)]
    place.approve(*ids)
    place.confirm(*ids)
    slow.takes, slow.asked = TAKES, []
    used = place.seal_key.operations
    assert passage.serve(place.worker, place.keys)
    assert place.seal_key.operations == used + 3
    with read(place.desk.engine) as connection:
        sealed_at = {row.id: row.sealed_at for row in connection.execute(select(document_rows))}
    before = place.clock() - 4 * TAKES
    for one, asked in zip(ids, slow.asked, strict=True):
        pdf, _, _ = documents.file(place.desk, one)
        seal = lookups.verify(place.desk, pdf).signatures[-1]
        assert before <= sealed_at[one] <= asked, "after the stamp of the one before, before its own"
        assert claimed(pdf) == sealed_at[one].replace(microsecond=0)
        assert "time_differs" not in [finding.code for finding in seal.findings]
        before = asked + TAKES


def test_an_attachment_shows_the_time_its_own_seal_claims(desk_with: PlaceMaker, slow: SlowAuthority) -> None:
    """Decree 30, annex I, II.8.b: the text on it names the moment of signing, to the second."""
    place = at_its_pace(desk_with(level=Level.B_T, tsa_urls=[slow.url]), slow)
    document = place.paper(attached=[MAP, LIST])
    place.approve(document.id)
    place.confirm(document.id)
    slow.takes, slow.asked = TAKES, []
    place.stamp()
    with read(place.desk.engine) as connection:
        rows = connection.execute(select(attachment_rows).order_by(attachment_rows.c.n)).mappings().all()
    for row, before in zip(rows, slow.asked, strict=False):
        pdf = place.desk.files.get(row["sealed_sha256"])
        at = row["sealed_at"]
        assert at >= before + TAKES, "the file before it was stamped first"
        assert claimed(pdf) == at.replace(microsecond=0)
        assert appendix_text(document.number, at) in shown(pdf)


def claimed(pdf: bytes) -> datetime:
    """/M of the newest signature."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        told = max(str(field.V.M) for field in opened.Root.AcroForm.Fields if "/V" in field)
    return datetime.strptime(told.replace("'", ""), "D:%Y%m%d%H%M%S%z")


def shown(pdf: bytes) -> str:
    """What the first page says, marks included."""
    flat = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        opened.flatten_annotations("all")
        opened.save(flat)
    return pypdfium2.PdfDocument(flat)[0].get_textpage().get_text_bounded()
