"""The console script as an operator meets it: what is wrong is said in a sentence, never as a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def said(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`secondseal WORDS` in an empty home folder."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SECONDSEAL_")}
    return subprocess.run(
        [sys.executable, "-m", "secondseal.command", *words],
        env={**environment, "SECONDSEAL_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("account", "list"), 2, "There is no register yet"),
        (("token", "doctor"), 1, "không đọc hoặc ghi được · cannot be used"),
        (("office", "check", "nowhere.toml"), 1, "không đọc được tệp · cannot be read"),
        (("paper", "render", "none", "-o", "out.pdf"), 1, "Không có mẫu giấy none · no such paper"),
        (("paper", "render", "dang-ky-ho-kinh-doanh", "--data", "nowhere.json", "-o", "out.pdf"), 1, "nowhere.json"),
        (("paper", "render", "dang-ky-ho-kinh-doanh", "-o", "nowhere/out.pdf"), 1, "nowhere/out.pdf"),
        (("verify", __file__, "--anchors", "nowhere.pem"), 2, "Không đọc được danh sách chứng thư tin cậy nowhere.pem"),
        (("serve",), 2, "No trust anchors"),
    ],
)
def test_a_mistake_is_said_in_words(tmp_path: Path, words: tuple[str, ...], status: int, sentence: str) -> None:
    """Exit status and sentence; nothing is left behind in the home folder."""
    done = said(tmp_path, *words)
    assert done.returncode == status, done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_data_that_is_no_paper_is_said(tmp_path: Path) -> None:
    """Not JSON; JSON of another shape."""
    for text in ("{", "[1]"):
        (tmp_path / "data.json").write_text(text, encoding="utf-8")
        done = said(
            tmp_path, "paper", "render", "dang-ky-ho-kinh-doanh", "--data", str(tmp_path / "data.json"), "-o", "x.pdf"
        )
        assert done.returncode == 1
        assert "không phải JSON của một mẫu giấy" in done.stderr


def test_a_file_that_is_not_there_does_not_keep_the_others_from_being_judged(tmp_path: Path) -> None:
    """One line for each file; exit status 1."""
    (tmp_path / "text.pdf").write_text("no PDF", encoding="utf-8")
    own = tmp_path / "anchors.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", "/dev/null"],
        capture_output=True,
        check=True,
    )
    own.write_bytes(made.stdout)
    done = said(
        tmp_path, "verify", "nowhere.pdf", str(tmp_path), str(tmp_path / "text.pdf"), "--anchors", str(own), "--offline"
    )
    assert done.returncode == 1
    assert done.stderr.count("không mở được tệp · cannot be opened") == 2
    assert "text.pdf: unreadable" in done.stdout


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "PDF files or --again FOLDER, not both"),
        (("a.pdf", "--again", "kept"), "PDF files or --again FOLDER, not both"),
        (("a.pdf", "--at", "2026-11-29"), "goes with --again or --offline alone"),
        (("--again", "kept", "--keep", "more"), "goes with neither --keep nor --report-xml"),
        (("a.pdf", "b.pdf", "--report-xml", "x.xml"), "reports on one PDF alone"),
    ],
)
def test_verify_says_which_words_do_not_go_together(tmp_path: Path, words: tuple[str, ...], why: str) -> None:
    done = said(tmp_path, "verify", *words)
    assert done.returncode == 2
    assert why in done.stderr


def test_help_keeps_the_names_of_things(tmp_path: Path) -> None:
    """PKCS#11, PDF and API in capitals."""
    for noun, name in (("token", "PKCS#11"), ("verify", "PDF"), ("serve", "API")):
        assert name in said(tmp_path, noun, "--help").stdout.split("\n\n")[1]


def test_what_is_kept_is_its_owners_and_named_by_utc(tmp_path: Path) -> None:
    """Facts name people. The same check kept twice stays as it is; a time without its zone is said, and the rest goes
    on."""
    own, pdf, kept = tmp_path / "own.pem", tmp_path / "text.pdf", tmp_path / "kept"
    pdf.write_text("no PDF", encoding="utf-8")
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", "/dev/null"],
        capture_output=True,
        check=True,
    )
    own.write_bytes(made.stdout)
    words = ["verify", str(pdf), str(pdf), "--anchors", str(own), "--offline", "--at", "2026-11-29T10:00"]
    done = said(tmp_path, *words, "--keep", str(kept))
    assert done.returncode == 1
    assert done.stdout.count("text.pdf: unreadable") == 2
    assert done.stderr.count("đã có, giữ nguyên · is there already, left as it is") == 1
    (file,) = kept.iterdir()
    assert file.name.endswith("-20261129T030000000000Z.json")
    assert file.stat().st_mode & 0o777 == 0o600
    naive = file.read_text("utf-8").replace("2026-11-29T10:00:00+07:00", "2026-11-29T10:00:00")
    (kept / "0.json").write_text(naive, encoding="utf-8")
    again = said(tmp_path, "verify", "--again", str(kept), "--anchors", str(own))
    assert again.returncode == 1
    assert "0.json: không đọc được · cannot be read (ValueError: a time without its zone)" in again.stderr
    assert "Traceback" not in again.stderr
    assert again.stdout.count("unreadable") == 1
