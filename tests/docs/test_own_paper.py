"""docs/papers.md, "Tried as a clerk would": its blocks are run as they stand, and the paper comes out."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.templates.reading import read

PAGE = (Path(__file__).parents[2] / "docs" / "papers.md").read_text("utf-8")


def test_a_clerk_makes_a_paper_that_is_in_no_catalogue(tmp_path: Path) -> None:
    script = "\n".join(re.findall(r"^```sh\n(.*?)^```", PAGE.partition("## Tried as a clerk")[2], re.DOTALL | re.M))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SECONDSEAL_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-Eeuo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={**environment, "PATH": path, "SECONDSEAL_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "note" not in done.stdout
    assert "1 version can be used" in done.stdout
    text = read((tmp_path / "xac-nhan.pdf").read_bytes())[0].text
    assert "GIẤY XÁC NHẬN THIỆT HẠI DO THIÊN TAI" in text
    assert "Mười sáu triệu tám trăm nghìn đồng" in text
    assert "Giấy xác nhận thiệt hại do thiên tai" in (tmp_path / "mau-giay.html").read_text("utf-8")
