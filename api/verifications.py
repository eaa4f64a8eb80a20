"""POST /api/v1/verifications: anyone may have a file judged, without login (AC-14)."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, File, UploadFile

from api.callers import Serving
from api.service import Service
from stamping import lookups
from verifier import Verdict

router = APIRouter(prefix="/api/v1", tags=["verifications"])


@router.post("/verifications", summary="Judge a file", responses={413: {}, 422: {}, 429: {}})
def verify(service: Serving, file: Annotated[UploadFile, File(description="the PDF")]) -> dict[str, Any]:
    """The verdict on the file, whatever the file is. It is kept nowhere."""
    return judge(service, file.file.read()).as_json()


def judge(service: Service, pdf: bytes) -> Verdict:
    """Judge a file, one of a bounded number at a time. Raises `Busy`."""
    began = time.perf_counter()
    with service.verifications.passing():
        verdict = lookups.verify(service.desk, pdf)
    service.tally.add("verifications", verdict.word)
    service.tally.add("verification_seconds", "", time.perf_counter() - began)
    return verdict
