"""Foreign parsers stand behind one door each, so that a replacement or a lock has one place to go."""

import ast
from pathlib import Path

import pytest

ROOM = Path(__file__).parents[2] / "verifier"
DOORS = {
    "pyhanko": {
        "pdf/__init__.py", "pdf/catalogue_rule.py", "pdf/changes.py", "pdf/document.py", "pdf/dss_rule.py",
        "pdf/entries.py", "pdf/form_looks.py", "pdf/form_rule.py", "pdf/form_tree.py", "pdf/generations.py",
        "pdf/mark_bounds.py", "pdf/mentions.py", "pdf/packing.py", "pdf/signature_fields.py", "pdf/step.py",
        "pdf/syntax.py", "pdf/views.py",
    },
    "pypdfium2": {"cover.py"},
    "asn1crypto": {"cms.py", "signature_value.py"},
    "pyseccomp": {"sandbox_lock.py"},
    "subprocess": {"sandbox.py"},
    "urllib": set(),
    "requests": set(),
    "pyhanko_certvalidator": set(),
}  # fmt: skip


def imports(module: Path) -> set[str]:
    """Top-level names a module imports, late imports too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("library", DOORS)
def test_doors(library: str) -> None:
    found = {str(module.relative_to(ROOM)) for module in ROOM.rglob("*.py") if library in imports(module)}
    assert found == DOORS[library]
