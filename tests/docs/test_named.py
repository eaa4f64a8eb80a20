"""What threats.md and standards.md name exists, and proves what it is named for."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("threats.md", "standards.md")
_PATH = re.compile(r"`((?:[a-z_]+/)+[A-Za-z0-9_.-]*|pyproject\.toml)`")
_TEST = re.compile(r"(tests/[a-z_/]+\.py)::(test_[a-z0-9_]+)")


def _text(page: str) -> str:
    return (ROOT / "docs" / page).read_text("utf-8")


@cache
def _tests_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_test_named_exists() -> None:
    named = set(_TEST.findall(_text("threats.md")))
    assert named
    assert [f"{path}::{name}" for path, name in sorted(named) if name not in _tests_in(path)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_path_named_exists(page: str) -> None:
    named = set(_PATH.findall(_text(page)))
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_each_criterion_is_named_by_a_test_of_its_row() -> None:
    """A row of standards.md that says AC-n names a test file that says AC-n too."""
    wrong = []
    kept, in_part = _text("standards.md").split("## Kept in part, or not")
    assert in_part
    for row in kept.splitlines():
        tests = [ROOT / path for path in re.findall(r"`(tests/[a-z_0-9/]+\.py)`", row)]
        said = "\n".join(path.read_text("utf-8") for path in tests)
        for number in re.findall(r"AC-(\d+)", row) if row.startswith("|") else ():
            if not re.search(rf"AC-{number}\b|_ac{number}_", said):
                wrong.append(f"AC-{number}: {row[:60]}")
    assert wrong == []


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("secondseal.commands.web", {"hsm", "pkcs11", "agent.command", "pyhanko", "alembic"}),
        ("secondseal.commands.worker", {"pyhanko", "alembic"}),
        ("secondseal.commands.serve", {"hsm", "pkcs11", "api", "stamping", "signer", "sqlalchemy"}),
        ("secondseal.commands.verify", {"hsm", "pkcs11", "api", "stamping", "signer", "sqlalchemy"}),
        (
            "secondseal.commands.courier",
            {"hsm", "pkcs11", "agent.command", "fastapi", "starlette", "pyhanko", "alembic"},
        ),
        (
            "verifier.sandbox_parent",
            {"hsm", "pkcs11", "store", "sqlalchemy", "fastapi", "office", "signer", "stamping"},
        ),
        ("agent.command", {"pikepdf", "sqlalchemy", "fastapi", "stamping", "store", "api", "office", "register"}),
    ],
)
def test_processes_load_only_what_the_page_says(module: str, never: set[str]) -> None:
    """The web process has no PKCS#11 in it, the sandbox and the agent nothing of the service, the service nothing that
    reads an uploaded PDF's structure; alembic is loaded where there is something to migrate."""
    program = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & never == set()
