"""`secondseal trust ...` as an operator types it."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from secondseal.command import main
from secondseal.commands.trust.shown import grouped
from secondseal.demo.pki import Pki
from secondseal.settings import load_settings
from secondseal.wiring import trust_store
from tests.pki.fixtures import MakeKey
from tests.secondseal.terminal import at_a_terminal
from trust import fingerprint

Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(tmp_path: Path, pki: Pki, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """`secondseal trust WORDS` in a new home; the PKI's certificates lie in the current folder."""
    monkeypatch.setenv("SECONDSEAL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SECONDSEAL_ALLOW_LOOPBACK", "true")
    monkeypatch.setenv("SECONDSEAL_ALLOWED_HOSTS", "127.0.0.1")
    monkeypatch.chdir(tmp_path)
    Path("root.der").write_bytes(pki.root.public_bytes(Encoding.DER))
    Path("subca.pem").write_bytes(pki.subca.public_bytes(Encoding.PEM))

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main(["trust", *words])
        written = capsys.readouterr()
        return status, written.out, written.err

    return run


def test_in_compared_listed_ended_resumed(said: Said, pki: Pki, tmp_path: Path) -> None:
    """An authority's life on the list; each act with its reason stays in the file."""
    root, subca = fingerprint(pki.root), fingerprint(pki.subca)
    status, out, _ = said("add", "root.der", "--as", "anchor", "--fingerprint", grouped(root), "--note", "công báo")
    assert status == 0
    assert grouped(root) in out
    assert said("add", "subca.pem", "--as", "intermediate", "--fingerprint", subca.upper())[0] == 0
    store = trust_store(load_settings())
    assert (store.anchors, store.intermediates) == ((pki.root,), (pki.subca,))

    status, out, _ = said("list", "--json")
    first, second = json.loads(out)
    assert (first["kind"], first["sha256"], first["note"]) == ("anchor", root, "công báo")
    assert (second["kind"], second["sha256"], second["ended_from"]) == ("intermediate", subca, None)

    assert said("end", root[:8], "--from", "2026-01-01", "--note", "đã ngừng")[0] == 0
    assert trust_store(load_settings()).ended[pki.root].isoformat() == "2025-12-31T17:00:00+00:00", (
        "Viet Nam's midnight"
    )
    assert "until 2026-01-01 00:00:00" in said("list")[1]
    status, _, err = said("end", root[:8], "--from", "2026-01-01", "--note", "again")
    assert (status, "stands there already" in err) == (1, True)
    status, _, err = said("add", "root.der", "--as", "anchor", "--fingerprint", root)
    assert (status, "was ended" in err) == (1, True)
    assert said("resume", root, "--note", "nhầm")[0] == 0
    assert not trust_store(load_settings()).ended

    assert said("end", root, "--from", "9999-12-31T23:59:59+00:00", "--note", "không hạn")[0] == 0
    assert "until 9999-12-31 23:59:59" in said("list")[1]
    with pytest.raises(SystemExit):
        said("end", subca, "--from", "0001-01-01", "--note", "before there were days")

    file = tmp_path / "home" / "trust-list.jsonl"
    assert [json.loads(line)["act"] for line in file.read_text("utf-8").splitlines()] == [
        "add",
        "add",
        "end",
        "resume",
        "end",
    ]
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert not [path for path in file.parent.iterdir() if path != file], "nothing half-written stays"


def test_an_addition_undoes_no_decision(said: Said, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was ended is resumed or stays ended, under any kind; an anchor of the settings is not made less."""
    root, subca = fingerprint(pki.root), fingerprint(pki.subca)
    said("add", "root.der", "--as", "anchor", "--fingerprint", root)
    said("add", "subca.pem", "--as", "intermediate", "--fingerprint", subca)
    said("end", subca, "--note", "ngừng\u2028hẳn")
    status, _, err = said("add", "subca.pem", "--as", "anchor", "--fingerprint", subca)
    assert (status, "was ended" in err) == (1, True)
    assert pki.subca in trust_store(load_settings()).ended
    Path("g1.pem").write_bytes(pki.subca.public_bytes(Encoding.PEM))
    monkeypatch.setenv("SECONDSEAL_TRUST_ANCHORS", "g1.pem")
    said("resume", subca, "--note", "lại")
    status, _, err = said("add", "subca.pem", "--as", "intermediate", "--fingerprint", subca)
    assert (status, "not made less" in err) == (1, True)
    assert pki.subca in trust_store(load_settings()).anchors


def test_nothing_comes_in_without_the_right_fingerprint(said: Said, pki: Pki, tmp_path: Path) -> None:
    wrong = "0" * 64
    for given in (wrong, "", fingerprint(pki.root)[:16], fingerprint(pki.subca)):
        status, _, err = said("add", "root.der", "--as", "anchor", "--fingerprint", given)
        assert (status, "nothing was written" in err) == (1, True)
    status, _, err = said("add", "root.der", "--as", "anchor")  # nobody at a terminal, and none given
    assert (status, "A fingerprint is needed" in err) == (1, True)
    assert not (tmp_path / "home" / "trust-list.jsonl").exists()


def test_what_is_no_authority_is_refused(said: Said, pki: Pki, software_key: MakeKey) -> None:
    signer = software_key("person").certificate
    Path("signer.pem").write_bytes(signer.public_bytes(Encoding.PEM))
    Path("both.pem").write_bytes(pki.anchors_pem.read_bytes() + pki.intermediates_pem.read_bytes())
    Path("none.pem").write_bytes(b"no certificate")
    status, _, err = said("add", "signer.pem", "--as", "anchor", "--fingerprint", fingerprint(signer))
    assert (status, "not an authority's certificate" in err) == (1, True)
    for name, why in (("both.pem", "one at a time"), ("none.pem", "not a certificate"), ("gone.pem", "gone.pem")):
        status, _, err = said("add", name, "--as", "anchor", "--fingerprint", "00")
        assert (status, why in err) == (1, True)
    status, _, err = said("end", "12345678", "--note", "x")
    assert (status, "0 certificates have such a fingerprint" in err) == (1, True)
    assert said("end", "zz", "--note", "x")[0] == 1


def test_asked_for_at_the_terminal(pki: Pki, tmp_path: Path) -> None:
    """Typed by the operator who reads it from the authority's paper."""
    (tmp_path / "root.der").write_bytes(pki.root.public_bytes(Encoding.DER))
    with at_a_terminal(tmp_path, "trust", "add", "root.der", "--as", "anchor") as (process, terminal):
        terminal.until("SHA-256: ")
        terminal.type(grouped(fingerprint(pki.root)))
        terminal.until("Written to")
        assert process.wait(30) == 0


def test_the_authorities_services_are_asked(said: Said, pki: Pki) -> None:
    said("add", "root.der", "--as", "anchor", "--fingerprint", fingerprint(pki.root))
    said("add", "subca.pem", "--as", "intermediate", "--fingerprint", fingerprint(pki.subca))
    status, out, _ = said("sources", "--json")
    states = json.loads(out)
    assert (status, {state["answered"] for state in states}) == (0, {True})
    assert {state["by"] for state in states} == {"ocsp", "crl"}
    with pki.down("ocsp"):
        status, out, _ = said("sources")
    assert status == 1
    assert out.count("× OCSP") == 1
    assert "+ CRL" in out
