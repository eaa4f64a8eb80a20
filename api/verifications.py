"""POST /api/v1/verifications: anyone may have a file judged, without login (AC-14)."""

import time
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, File, UploadFile

from api.callers import Serving
from api.changes import Change, visible_change
from api.reports import packed
from api.service import Service
from api.verdict_answer import VerdictJson
from stamping import lookups
from verifier import Verdict

router = APIRouter(prefix="/api/v1", tags=["verifications"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The verdict on a file of `size` bytes; for a page also where it looks different from what was signed, and the
    technical report (`api.reports`). The file is gone."""

    verdict: Verdict
    size: int
    change: Change | None
    report: bytes | None


@router.post("/verifications", summary="Judge a file", response_model=VerdictJson)
def verify(service: Serving, file: Annotated[UploadFile, File(description="the PDF")]) -> dict[str, Any]:
    """The verdict on the file, whatever the file is. It is kept nowhere."""
    return judge(service, file, pictured=False).verdict.as_json()


def judge(service: Service, file: UploadFile, *, pictured: bool) -> Judged:
    """Judge a file, one of a bounded number at a time. Raises `Busy`.

    All that costs memory or time stands inside the gate: a crowd of uploads must not take every thread.
    """
    began = time.perf_counter()
    with service.verifications.passing():
        pdf = file.file.read()
        examined = lookups.examine(service.desk, pdf, known=service.known)
        verdict = examined.verdict
        service.tally.add("verifications", verdict.word)
        service.tally.add("verification_seconds", "", time.perf_counter() - began)
        change = visible_change(service, pdf, examined) if pictured else None
        report = packed(lookups.report_on(service.desk, examined)) if pictured else None
    return Judged(verdict=verdict, size=len(pdf), change=change, report=report)
