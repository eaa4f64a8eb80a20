"""The command, as a process of its own."""

import http.client
import json
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from agent.command import main
from tests.agent.desk import Desk
from tests.ports import free_port
from tests.tokens.fixtures import Seat, TokenFarm

ROOT = Path(__file__).parents[2]


def arguments(farm: TokenFarm, seat: Seat, folder: Path, *, pin: str | None = None) -> list[str]:
    """Common options: this token, an own state folder, the PIN in a file."""
    pin_file = folder / "pin"
    pin_file.touch(0o600)
    pin_file.write_text(pin or seat.pin)
    return [
        "--module", str(farm.module), "--serial", seat.token.serial, "--state", str(folder / "state"),
        "--yes", "--pin-file", str(pin_file), "--config", str(settings(folder)),
    ]  # fmt: skip


def settings(folder: Path) -> Path:
    path = folder / "agent.toml"
    path.touch()
    return path


def agent(*words: str, stdin: str = "") -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "agent.command", *words],
        cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_sign_one_list(farm: TokenFarm, desk: Desk, tmp_path):
    """Exit status 0 only when every paper was signed."""
    seat = farm.seat("rsa-2048")
    ticket = tmp_path / "ticket"
    ticket.write_text(desk.ticket + "\n")
    words = ["sign", "--service", desk.url, "--approval", desk.approval, "--ticket-file", str(ticket)]
    desk.answer = lambda name: (409, {"title": "Văn bản đã đổi."}) if name == "doc2" else None
    partly = agent(*words, *arguments(farm, seat, tmp_path))
    assert partly.returncode == 1
    assert "Văn bản đã đổi." in partly.stdout
    desk.answer = None
    rest = agent(*words, *arguments(farm, seat, tmp_path), "--lang", "en")
    assert rest.returncode == 0, rest.stderr
    assert rest.stdout.splitlines()[-1] == "Done: 1 signed, 0 not signed, of 1."
    assert len(desk.signatures) == 3
    for text in (partly.stdout, partly.stderr, rest.stdout, rest.stderr):
        assert seat.pin not in text
        assert desk.ticket not in text


def test_serve_takes_a_job_from_the_page(farm: TokenFarm, desk: Desk, tmp_path):
    seat = farm.seat("p-256")
    desk.scheme = "ecdsa-sha256"
    process = subprocess.Popen(
        [sys.executable, "-m", "agent.command", "serve", "--service", desk.url, "--port", str(free_port()),
         *arguments(farm, seat, tmp_path)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        line = process.stdout.readline()
        port = int(line.partition("(cổng ")[2].partition(")")[0])

        def ask(verb: str, path: str, body: dict | None = None) -> dict:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
                headers = {"Origin": desk.url, "Content-Type": "application/json"}
                connection.request(verb, path, json.dumps(body) if body else None, headers)
                return json.loads(connection.getresponse().read())

        info = ask("GET", "/info")
        assert [item["subject"] for item in info["certificates"]] == ["Nguyễn Văn Mẫu"]
        ask("POST", "/jobs", {"approval_id": desk.approval, "ticket": desk.ticket, "service": desk.url})
        pause = threading.Event()
        for _ in range(300):
            progress = ask("GET", f"/jobs/{desk.approval}")
            if progress["state"] in {"done", "failed"}:
                break
            pause.wait(0.1)
        assert progress["state"] == "done", progress
        assert progress["done"] == progress["total"] == 3
        assert len(desk.signatures) == 3
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_tokens(farm: TokenFarm, tmp_path):
    seat = farm.seat("rsa-2048")
    options = ["--config", str(settings(tmp_path))]
    shown = agent("tokens", "--module", str(farm.module), "--serial", seat.token.serial, *options)
    assert shown.returncode == 0
    assert "Nguyễn Văn Mẫu" in shown.stdout
    hints = agent("tokens", *options)
    assert hints.returncode == 1
    assert "softhsm" in hints.stdout
    assert agent("tokens", "--module", "/nonexistent.so", *options).returncode == 1


@pytest.mark.parametrize("name", ["serve", "sign", "tokens"])
def test_help_has_an_example(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"secondseal-agent {name}" in capsys.readouterr().out.partition("Example:")[2]


@pytest.mark.parametrize(
    "content", ["colour = 1", "port = 80", 'service = "http://a.example"', 'certificate = "00"', "x", 'language = "fr"']
)
def test_settings_are_checked(tmp_path, content, capsys):
    path = tmp_path / "agent.toml"
    path.write_text(content)
    assert main(["tokens", "--config", str(path)]) == 2
    assert capsys.readouterr().err


def test_what_is_missing_is_named(tmp_path, farm: TokenFarm, capsys):
    (tmp_path / "ticket").write_text("t")
    sign = ["sign", "--approval", "1", "--ticket-file", str(tmp_path / "ticket"), "--config", str(settings(tmp_path))]
    service = ["--service", "https://a.example"]
    module = ["--module", str(farm.module)]
    for words, missing in (
        (sign, "service"),
        ([*sign, *service], "module"),
        ([*sign, *service, *module, "--yes"], "--pin-file"),
        ([*sign, *service, *module, "--unnamed-attachments"], "--yes"),
    ):
        assert main(words) == 2
        assert missing in capsys.readouterr().err
