"""Every outside package a room imports is declared in pyproject.toml where that room's install has it; no other is."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from functools import cache

from tests.architecture.modules import ROOMS, ROOT, modules

AGENT = {"agent", "hsm"}
"""The rooms of the base install: what stands on an officer's computer (docs/decisions/0002-dependencies.md)."""

NEVER_IMPORTED = {
    "python-multipart": "FastAPI reads forms with it",
    "psycopg": "SQLAlchemy loads it for a PostgreSQL URL",
}


@cache
def _declared() -> dict[str, set[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"base": project["dependencies"], **project["optional-dependencies"]}
    return {group: {_normal(re.split(r"[\[<>=!~; ]", line)[0]) for line in lines} for group, lines in groups.items()}


def _normal(name: str) -> str:
    """PEP 503: hyphens and underlines are one."""
    return name.lower().replace("_", "-")


@cache
def _imported(room: str) -> set[str]:
    """The distributions a room imports, now or later."""
    installed = importlib.metadata.packages_distributions()
    names: set[str] = set()
    for module in modules().values():
        if module.room == room:
            for node in ast.walk(ast.parse(module.path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    names |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                    names.add(node.module.partition(".")[0])
    outside = names - set(sys.stdlib_module_names) - set(ROOMS)
    return {_normal(distribution) for name in outside for distribution in installed.get(name, [name])}


def test_the_agents_rooms_need_only_the_base_install() -> None:
    assert {room: _imported(room) - _declared()["base"] for room in AGENT} == {room: set() for room in AGENT}


def test_what_the_service_imports_is_declared() -> None:
    service = _declared()["base"] | _declared()["server"]
    demo = service | _declared()["demo"]  # the demo office's own PKI
    undeclared = {r: _imported(r) - (demo if r == "secondseal" else service) for r in ROOMS if r not in AGENT}
    assert {room: missing for room, missing in undeclared.items() if missing} == {}


def test_what_is_declared_for_running_is_used() -> None:
    used = set().union(*map(_imported, ROOMS)) | NEVER_IMPORTED.keys()
    assert (_declared()["base"] | _declared()["server"] | _declared()["demo"]) - used == set()
