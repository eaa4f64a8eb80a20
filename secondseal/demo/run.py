"""`make demo`: one paper through all five stages, on real parts and real processes.

The service runs as it would in an office (web process and seal worker under a supervisor, the PKI beside it); the demo
plays the people around it over HTTP: the workflow system, the officer with the agent, the custodian, the citizen.
"""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from secondseal.demo.office import DemoOffice, build
from secondseal.demo.people import DemoFailed, approve, confirm, hand_in
from secondseal.demo.pki import Pki
from secondseal.demo.service_client import ServiceClient
from secondseal.serve import end, own_command
from store import VIETNAM

_READY_S: Final = 60.0
_RESULTS: Final = (
    "result-1-generated.pdf",
    "result-2-approved.pdf",
    "result-3-sealed.pdf",
    "verdict.json",
    "anchors.pem",
)
_STAGES: Final = {
    "received": "Tiếp nhận",
    "appraised": "Thẩm định",
    "approved": "Phê duyệt",
    "stamped": "Đóng dấu",
    "returned": "Trả kết quả",
}


def run_demo(out: Path, pdf: Path | None) -> int:
    """Carry a paper through and leave the results in `out`; 0 only if the verdict is `genuine`."""
    given = pdf.read_bytes() if pdf is not None else None
    out.mkdir(parents=True, exist_ok=True)
    for old in _RESULTS:
        (out / old).unlink(missing_ok=True)
    port = _free_port()
    _say("Chuẩn bị cơ quan mẫu · a demo office")
    office = build((out / "office").resolve(), port=port, say=lambda line: _say(f"  {line}"))
    shutil.copy(office.anchors, out / "anchors.pem")
    with _running(office, port):
        verdict = _carry(office, f"http://127.0.0.1:{port}", out, given)
    (out / "verdict.json").write_text(json.dumps(verdict, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    _say("")
    _say(f"Kết luận · verdict: {verdict['verdict']}")
    _say(f"Kết quả ở · results in {out}:")
    for name in _RESULTS:
        _say(f"  {name:24} {(out / name).stat().st_size:>9,} byte")
    _say("Thử tiếp · try next:")
    _say(f"  .venv/bin/secondseal verify {out}/result-2-approved.pdf --anchors {out}/anchors.pem --offline")
    _say("  make demo PDF=…   một tệp PDF của chương trình khác · a PDF made by another program")
    _say("  make serve        dịch vụ và các trang · the service and its pages")
    return 0 if verdict["verdict"] == "genuine" else 1


def _carry(office: DemoOffice, base: str, out: Path, given: bytes | None) -> dict[str, Any]:
    program = ServiceClient(base, token=office.program_token)
    # 1, 2: received and appraised by the workflow system, which then asks for the paper
    document = hand_in(office, base, pdf=given)
    path = f"/api/v1/documents/{document['id']}"
    _stage(program.get(path), "received", "appraised")
    _say(f"      {document['number']} · mã tra cứu · code {document['code']}")
    (out / "result-1-generated.pdf").write_bytes(program.get_file(f"{path}/file?revision=generated"))
    # 3: the officer's own token, through the agent
    for line in approve(office, base, [document["id"]]):
        _say(f"      agent | {line}")
    _stage(program.get(path), "approved")
    (out / "result-2-approved.pdf").write_bytes(program.get_file(f"{path}/file?revision=approved"))
    # 4: the custodian confirms, the worker seals
    confirm(office, base, [document["id"]])
    _stage(program.get(path), "stamped")
    sealed = program.get_file(f"{path}/file?revision=sealed")
    (out / "result-3-sealed.pdf").write_bytes(sealed)
    # 5: returned; the citizen checks the file
    program.post(f"{path}/return", {"received_by": document["holder"]})
    _stage(program.get(path), "returned")
    verdict: dict[str, Any] = ServiceClient(base).post_file("/api/v1/verifications", sealed)
    return verdict


@contextmanager
def _running(office: DemoOffice, port: int) -> Iterator[None]:
    """The whole service, its log in a file of the demo; ended at the end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SECONDSEAL_")}
    environment["SECONDSEAL_HOME"] = str(office.home)
    log = office.home / "service.log"
    with Pki.open(office.pki_folder), log.open("wb") as written:
        process = subprocess.Popen(
            own_command("serve", "--port", str(port)),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
        try:
            ServiceClient(f"http://127.0.0.1:{port}").wait_until_ready(_READY_S)
            yield
        except Exception as error:
            _say(f"Nhật ký dịch vụ · service log: {log}")
            raise DemoFailed(str(error)) from error
        finally:
            end(process)


def _stage(document: dict[str, Any], *names: str) -> None:
    stages = {stage["name"]: stage for stage in document["stages"]}
    for name in names:
        stage = stages[name]
        if stage["state"] != "done":
            raise DemoFailed(f"stage {name} is {stage['state']}, the document {document['state']}")
        at = datetime.fromisoformat(stage["at"]).astimezone(VIETNAM)
        who = stage["who"].replace("client:", "phần mềm · program ", 1)
        _say(f"[{list(_STAGES).index(name) + 1}/5] {_STAGES[name]:12} {at:%H:%M:%S %d/%m/%Y}  {who}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _say(line: str) -> None:
    print(line, flush=True)
