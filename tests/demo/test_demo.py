"""`make demo` as its users run it, judged by programs that are not ours."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from cryptography import x509

from templates import read_qr_text
from tests.pdfa.verapdf import validate
from tests.signer import oracle

FOREIGN = Path(__file__).parents[1] / "corpus" / "foreign"


@dataclass(frozen=True)
class Ran:
    """What a run of the demo left behind."""

    out: Path
    said: str

    def pdf(self, name: str) -> bytes:
        """One of the three results."""
        (path,) = self.out.glob(f"result-?-{name}.pdf")
        return path.read_bytes()

    @property
    def anchors(self) -> list[x509.Certificate]:
        """The anchors it left."""
        return x509.load_pem_x509_certificates((self.out / "anchors.pem").read_bytes())


def run(out: Path, *words: str) -> Ran:
    """Run the command as a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SECONDSEAL_", "SOFTHSM"))}
    done = subprocess.run(
        [sys.executable, "-m", "secondseal.command", "demo", "--out", str(out), *words],
        capture_output=True,
        text=True,
        env=environment,
        timeout=240,
        check=False,
    )
    log = out / "office" / "service.log"
    assert done.returncode == 0, done.stdout + done.stderr + (log.read_text("utf-8") if log.exists() else "")
    return Ran(out, done.stdout)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """One run, shared."""
    return run(tmp_path_factory.mktemp("demo"))


def test_the_five_stages_are_shown_as_they_pass(ran: Ran) -> None:
    """Each stage with its time and who; then where the results are."""
    lines = [line for line in ran.said.splitlines() if line.startswith("[")]
    assert [line[:5] for line in lines] == [f"[{n}/5]" for n in range(1, 6)]
    assert "Kết luận · verdict: genuine" in ran.said
    assert str(ran.out) in ran.said


def test_the_verdict_is_genuine(ran: Ran) -> None:
    """All five facts, the paper's legal value, in force; both signatures with evidence."""
    verdict = json.loads((ran.out / "verdict.json").read_text("utf-8"))
    assert verdict["verdict"] == "genuine"
    assert set(verdict["facts"].values()) == {True}
    assert set(verdict["legal"].values()) == {True}
    assert verdict["status"] == "in_force"
    assert [s["role"] for s in verdict["signatures"]] == ["officer", "agency"]
    assert {s["level"] for s in verdict["signatures"]} == {"B-LT"}
    assert {s["time_source"] for s in verdict["signatures"]} == {"timestamp"}


def test_each_revision_begins_with_the_one_before(ran: Ran) -> None:
    """AC-9: what was signed is never rewritten."""
    generated, approved, sealed = ran.pdf("generated"), ran.pdf("approved"), ran.pdf("sealed")
    assert approved.startswith(generated)
    assert sealed.startswith(approved)


def test_others_judge_it_too(ran: Ran, tmp_path: Path) -> None:
    """qpdf: clean; poppler: both valid; OpenSSL: both CMS verify to the anchor; pyHanko: evidence in place."""
    sealed = ran.pdf("sealed")
    oracle.qpdf_check(sealed, tmp_path)
    report = oracle.pdfsig(sealed, tmp_path)
    assert report.count("Signature is Valid") == 2, report
    assert report.count("ETSI.CAdES.detached") == 2
    for index in (0, 1):
        assert "successful" in oracle.openssl_cms(sealed, index, ran.anchors, tmp_path)
    for status in oracle.pyhanko_long_term(sealed, ran.anchors).values():
        assert status.bottom_line, status.pretty_print_details()
    with pikepdf.open(ran.out / "result-3-sealed.pdf") as pdf:
        assert len(pdf.Root.DSS.OCSPs) + len(pdf.Root.DSS.get("/CRLs", [])) >= 3
        assert len(pdf.Root.DSS.Certs) >= 3


@pytest.mark.parametrize("name", ["generated", "approved", "sealed"])
def test_every_revision_is_pdf_a_3b(ran: Ran, name: str) -> None:
    """veraPDF."""
    report = validate(ran.pdf(name), "3b")
    assert report.compliant, report


def test_the_qr_decodes_from_a_200_dpi_rendering(ran: Ran) -> None:
    """AC-91: the code and the fields of TT 01/2023 on the sealed paper."""
    page = pypdfium2.PdfDocument(ran.pdf("sealed"))[0]
    picture = page.render(scale=200 / 72).to_pil()
    (found,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    assert "/v/" in found.text
    assert read_qr_text(found.text)


def test_the_approved_revision_alone_is_not_sealed(ran: Ran) -> None:
    """The seal's revision cut off: valid, but `not_sealed`, and never genuine."""
    command = [sys.executable, "-m", "secondseal.command", "verify", str(ran.out / "result-2-approved.pdf")]
    command += ["--anchors", str(ran.out / "anchors.pem"), "--json", "--offline"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    verdict = json.loads(done.stdout)
    assert verdict["verdict"] == "warning"
    assert "not_sealed" in {finding["code"] for finding in verdict["findings"]}


def test_the_sealed_paper_is_judged_offline_from_its_own_evidence(ran: Ran) -> None:
    """AC-122: no service, no network, only the anchors."""
    command = [sys.executable, "-m", "secondseal.command", "verify", str(ran.out / "result-3-sealed.pdf")]
    xml = ran.out / "report.xml"
    command += ["--anchors", str(ran.out / "anchors.pem"), "--json", "--offline", "--report-xml", str(xml)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["verdict"] == "genuine"
    assert xml.read_text("utf-8").count("mainindication:total-passed") == 2


def test_a_check_that_was_kept_is_judged_again_without_the_paper(ran: Ran, tmp_path: Path) -> None:
    """The same verdict at the same time; nothing but the folder and the anchors is needed."""
    program = [
        sys.executable,
        "-m",
        "secondseal.command",
        "verify",
        "--anchors",
        str(ran.out / "anchors.pem"),
        "--json",
    ]
    given = [str(ran.out / "result-3-sealed.pdf"), "--offline", "--keep", str(tmp_path / "kept")]
    first = subprocess.run([*program, *given], capture_output=True, text=True, check=True)
    again = subprocess.run([*program, "--again", str(tmp_path / "kept")], capture_output=True, text=True, check=True)
    verdicts = [{k: v for k, v in json.loads(one.stdout).items() if k != "file"} for one in (first, again)]
    assert verdicts[0] == verdicts[1]
    assert verdicts[0]["verdict"] == "genuine"


def test_no_secret_is_left_where_it_should_not_be(ran: Ran) -> None:
    """PINs and passwords stand in their own files, of mode 0600, and in no log or database."""
    pins = [path.read_text("utf-8") for path in (ran.out / "office" / "pins").iterdir()]
    assert len(pins) == 4
    assert all(path.stat().st_mode & 0o077 == 0 for path in (ran.out / "office" / "pins").iterdir())
    searched = [ran.out / "office" / "service.log", ran.out / "office" / "secondseal.db"]
    searched += list((ran.out / "office").rglob("*.toml")) + list((ran.out / "office").rglob("ceremony.json"))
    for path in searched:
        content = path.read_bytes()
        assert not any(pin.encode() in content for pin in pins), path


def test_a_paper_made_elsewhere(tmp_path: Path) -> None:
    """`make demo PDF=file`."""
    ran = run(tmp_path / "out", "--pdf", str(FOREIGN / "libreoffice-letter.pdf"))
    verdict = json.loads((ran.out / "verdict.json").read_text("utf-8"))
    assert verdict["verdict"] == "genuine"
    report = oracle.pdfsig(ran.pdf("sealed"), tmp_path)
    assert report.count("Signature is Valid") == 2, report


def test_a_file_that_cannot_be_sealed_is_said_and_the_demo_fails(tmp_path: Path) -> None:
    """A clear message, another exit status than 0, no result that looks like one."""
    path = Path(__file__).parents[1] / "corpus" / "unsealable" / "encrypted-user-password.pdf"
    command = [sys.executable, "-m", "secondseal.command", "demo", "--out", str(tmp_path / "out"), "--pdf", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 1
    assert "Tệp PDF được đặt mật khẩu hoặc mã hoá" in done.stderr
    assert "The PDF is protected by a password or encrypted" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out" / "result-3-sealed.pdf").exists()
    assert not (tmp_path / "out" / "verdict.json").exists()
