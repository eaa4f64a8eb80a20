"""A token's driver that does not come back: the page is told in words, and the program ends itself."""

import http.client
import json
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from hsm import HUNG
from tests.agent.desk import Desk
from tests.agent.test_command import ROOT, arguments
from tests.ports import free_port
from tests.tokens.faults import FaultModule
from tests.tokens.fixtures import TokenFarm


def ask(port: int, desk: Desk, verb: str, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
    """As the desk page does."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        headers = {"Origin": desk.url, "Content-Type": "application/json"}
        connection.request(verb, path, json.dumps(body) if body else None, headers)
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        return answer


def test_a_driver_that_hangs_is_told_to_the_page_and_ends_the_program(farm: TokenFarm, desk: Desk, tmp_path: Path):
    """One paper is signed, the second signature never comes back: what was signed stays signed."""
    fault = FaultModule(tmp_path / "driver")
    seat = farm.seat("p-256")
    desk.scheme = "ecdsa-sha256"
    (tmp_path / "agent.toml").write_text("key_call_limit_s = 5\n")
    options = arguments(farm, seat, tmp_path)
    options[options.index(str(farm.module))] = str(fault.path)
    process = subprocess.Popen(
        [sys.executable, "-m", "agent.command", "serve", "--service", desk.url, "--port", str(free_port()), *options],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline().partition("(cổng ")[2].partition(")")[0])
        fault.rules("C_Sign hang after=1")
        ask(port, desk, "POST", "/jobs", {"approval_id": desk.approval, "ticket": desk.ticket, "service": desk.url})
        begun = time.monotonic()
        progress = {"state": "waiting"}
        while progress["state"] not in {"done", "failed"} and time.monotonic() - begun < 20:
            progress = ask(port, desk, "GET", f"/jobs/{desk.approval}")
            time.sleep(0.1)
        assert progress["state"] == "failed"
        assert progress["done"] == 1
        assert "không trả lời sau" in progress["problem"]["title"]
        assert progress["problem"]["type"].endswith(":token-fault")
        _, said = process.communicate(timeout=15)
    finally:
        process.kill()
        process.wait(10)
    assert process.returncode == HUNG
    assert "Hãy rút token ra, cắm lại, mở lại chương trình ký rồi ký tiếp." in said
    assert "Traceback" not in said
    assert seat.pin not in said
    assert len(desk.signatures) == 1
