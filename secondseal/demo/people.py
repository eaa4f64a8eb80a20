"""The people around the service, as the demo plays them: workflow system, officer with the agent, custodian."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from secondseal.demo.office import OFFICER, ORGANISATION, PROCEDURE, DemoOffice
from secondseal.demo.service_client import ServiceClient
from secondseal.wiring import now
from stamping import confirmations
from store import VIETNAM
from templates import sample_data


class DemoFailed(Exception):
    """The demo could not carry the paper through; the text says where it stopped."""


def hand_in(office: DemoOffice, base: str, *, ordinal: int = 1, pdf: bytes | None = None) -> dict[str, Any]:
    """The workflow system hands over a received and appraised dossier; a paper is generated, or `pdf` taken in."""
    program = ServiceClient(base, token=office.program_token)
    sample = sample_data("dang-ky-ho-kinh-doanh")
    described = {
        "dossier": _dossier(sample["applicant"], ordinal),
        "organisation": ORGANISATION,
        "officer_id": OFFICER,
    }
    if pdf is not None:
        foreign = {**described, "title": "Văn bản của chương trình khác"}
        made: dict[str, Any] = program.post_file("/api/v1/documents", pdf, foreign)
    else:
        data = {name: value for name, value in sample.items() if name != "applicant"}
        made = program.post("/api/v1/documents", {**described, "data": data}, idempotency_key=f"demo-{ordinal}")
    return made


def approve(office: DemoOffice, base: str, documents: Sequence[str]) -> list[str]:
    """The officer signs with the token, through the agent; what the agent said. Raises `DemoFailed`."""
    program = ServiceClient(base, token=office.program_token)
    opened = program.post("/api/v1/approvals", {"documents": list(documents), "officer_id": OFFICER})
    # the officer's computer: the agent sees the officer's token and this one service
    environment = {**os.environ, "SOFTHSM2_CONF": str(office.officer_conf)}
    command = [sys.executable, "-m", "agent.command", "sign", "--approval", opened["id"], "--service", base]
    command += ["--ticket-file", "-", "--module", office.module, "--pin-file", str(office.officer_pin), "--yes"]
    command += ["--state", str(office.home / "agent")]
    done = subprocess.run(
        command, input=str(opened["ticket"]), env=environment, text=True, capture_output=True, check=False
    )
    if done.returncode != 0:
        raise DemoFailed(f"the agent ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout.splitlines()


def confirm(office: DemoOffice, base: str, documents: Sequence[str]) -> None:
    """The custodian looks, proves who they are for this very list, confirms, and waits. Raises `DemoFailed`."""
    name, password = office.people["custodian"]
    custodian = ServiceClient(base)
    custodian.sign_in(name, password)
    pending = {one["id"]: one["approved_sha256"] for one in custodian.get("/api/v1/seals")["documents"]}
    digest = confirmations.list_sha256((one, pending[one]) for one in documents)
    custodian.post("/api/v1/steps", {"list_sha256": digest, "password": password})
    listed = {"documents": list(documents), "list_sha256": digest}
    result = custodian.post("/api/v1/seals", listed, prefer="wait=60")["documents"]
    if any(one["state"] != "sealed" for one in result):
        raise DemoFailed(f"not sealed: {json.dumps(result, ensure_ascii=False)}")


def _dossier(applicant: Mapping[str, str], ordinal: int) -> dict[str, Any]:
    moment = now()
    return {
        "code": f"000.00.16.H05-{moment.astimezone(VIETNAM):%y%m%d}-{ordinal:04d}",
        "procedure": PROCEDURE,
        "applicant": dict(applicant),
        "received_at": (moment - timedelta(hours=3)).isoformat(),
        "received_by": "Phạm Văn Mẫu",
        "appraised_at": (moment - timedelta(hours=1)).isoformat(),
        "appraised_by": "Đỗ Thị Mẫu",
    }
