"""`secondseal paper gallery`: one file that shows every paper and asks for no other."""

import io
import re
from base64 import b64decode
from html import unescape
from pathlib import Path

import pytest
from PIL import Image

from secondseal.command import main
from templates import catalogue
from tests.templates.folders import BODY, MANIFEST, folder

LONG = BODY.replace(
    "</p>", '</p>\n  <appendix title="Danh sách" landscape="yes"><p>Dòng của phụ lục.</p></appendix>', 1
).replace("  <recipient>Như trên</recipient>\n", "")


def test_every_version_is_shown_with_its_pages_and_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours, one of the office's own with markup in its title, and a version not in force."""
    monkeypatch.setenv("SECONDSEAL_HOME", str(tmp_path))
    folder(tmp_path / "papers", body=LONG, manifest=MANIFEST.replace("xác nhận mẫu", "<b>xác nhận</b>"))
    folder(tmp_path / "papers", version="2098.1", manifest=MANIFEST.replace("2026-01-01", "2098-01-01"))
    out = tmp_path / "g.html"
    assert main(["paper", "gallery", str(out)]) == 0
    page = out.read_text("utf-8")
    shown = dict(re.findall(r'<article id="([^"]+)">(.*?)</article>', page, re.DOTALL))
    assert len(shown) == len(catalogue()) + 2
    assert set(re.findall(r'<a href="#([^"]+)">', page)) == shown.keys()
    own = shown["giay-xac-nhan-mau-2026.1"]
    for words in ("&lt;b&gt;xác nhận&lt;/b&gt;", "mẫu của đơn vị", "đang dùng", "01/01/2026", "Không theo mẫu nào."):
        assert words in own
    assert "không dùng hôm nay" in shown["giay-xac-nhan-mau-2098.1"]
    pictures = re.findall(r'<img src="data:image/png;base64,([^"]+)" width="(\d+)" height="(\d+)" alt="([^"]+)">', own)
    assert [unescape(alt) for *_, alt in pictures] == [f"Giấy <b>xác nhận</b>, trang {n} trong 2" for n in (1, 2)]
    sizes = [Image.open(io.BytesIO(b64decode(png))).size for png, *_ in pictures]
    assert sizes == [(int(width), int(height)) for _, width, height, _ in pictures]
    assert [width > height for width, height in sizes] == [False, True]
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page), "it asks for nothing"


def test_a_broken_paper_is_named_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SECONDSEAL_HOME", str(tmp_path))
    folder(tmp_path / "papers", body=BODY.replace("<p>", "<table><column>A</column><row/></table><p>"))
    assert main(["paper", "gallery", str(tmp_path / "g.html")]) == 1
    assert "giay-xac-nhan-mau/2026.1" in capsys.readouterr().err
    assert not (tmp_path / "g.html").exists()
