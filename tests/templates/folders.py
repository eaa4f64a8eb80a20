"""A paper's folder for the tests: small, right, and open to being spoilt."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from templates.folder import load
from templates.paper import PaperTemplate

MANIFEST = """\
title = "Giấy xác nhận mẫu"
effective_from = 2026-01-01
procedures = ["9.000001"]
level = "commune"
frame = "named"
signed = "officer-and-seal"
subject = "{{ data.name | upper }}"
holder = "{{ data.name }}"

[source]
official = false
text = "Không theo mẫu nào."
"""

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 60},
        "born_on": {"type": ["string", "null"], "format": "date"},
        "lines": {"type": "array", "maxItems": 3, "default": [], "items": {"type": "string"}},
    },
}

BODY = """\
<paper>
  <title>Giấy xác nhận mẫu</title>
  <p>Xác nhận ông (bà) {{ data.name }}.</p>
  <recipient>Như trên</recipient>
</paper>
"""

SAMPLE: Mapping[str, Any] = {"name": "Đặng Quốc Mẫu"}


def folder(
    root: Path,
    *,
    name: str = "giay-xac-nhan-mau",
    version: str = "2026.1",
    manifest: str = MANIFEST,
    schema: object = SCHEMA,
    body: str = BODY,
    sample: object = SAMPLE,
) -> Path:
    """Written below `root`; texts as they are, other values as JSON."""
    place = root / name / version
    place.mkdir(parents=True)
    for file, value in (
        ("manifest.toml", manifest),
        ("schema.json", schema),
        ("body.xml", body),
        ("sample.json", sample),
    ):
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        (place / file).write_text(text, encoding="utf-8")
    return place


def paper(root: Path, **parts: Any) -> PaperTemplate:
    """The same, loaded."""
    place = folder(root, **parts)
    return load(place, name=place.parent.name)
