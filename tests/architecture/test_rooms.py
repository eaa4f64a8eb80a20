"""The house's rules for rooms and modules (docs/decisions/0001-layout.md), checked in the source."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.modules import ROOMS, ROOT, Module, files, modules

VAGUE = {
    "base",
    "common",
    "core",
    "helper",
    "helpers",
    "manager",
    "misc",
    "models",
    "services",
    "tools",
    "util",
    "utils",
}
LONGEST = 500
"""Lines. When a second noun appears in a module, it moves."""

# Deeper doors than a room's __init__, each for a reason.
OPEN_DOORS = {
    "agent.messages": "the protocol between service and agent; agent/__init__ stays empty, else it would drag in hsm",
    "verifier.fields": "the names of the two prepared fields, for those who prepare them, without the judge's weight",
    "verifier.limits": "as the next, and what it is told",
    "verifier.sandbox_lock": "the lock of a process that reads files from outside, for the signer's own such process",
    "api.document_bodies": "a row of a table is the body of a call: read and refused in the same words",
    "api.problems": "as above: what those words are",
    "api.outbox": "as the next: the courier sends events and answers none",
    "api.passwords": "api/__init__ stays empty, else making an account would load the web framework",
    "api.settings": "as above: read before the web process is there",
}


def test_import_contracts_hold() -> None:
    """Who may know whom: the contracts in pyproject.toml, for the whole graph and not only for direct imports."""
    command = Path(sys.executable).with_name("lint-imports")
    linted = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize("room", ROOMS)
def test_outsiders_enter_a_room_through_its_door(room: str) -> None:
    entered = [
        f"{module.name} imports {name}"
        for module in modules().values()
        if module.room != room
        for name in module.names
        if name.startswith(f"{room}.") and name not in OPEN_DOORS
    ]
    assert entered == []


@pytest.mark.parametrize("room", ROOMS)
def test_insiders_never_use_their_own_door(room: str) -> None:
    inside = [module.name for module in modules().values() if module.room == room and module.name != room]
    assert [name for name in inside if room in modules()[name].loads] == []


@pytest.mark.parametrize("room", ROOMS)
def test_no_circle_inside_a_room(room: str) -> None:
    inside = {name: module for name, module in modules().items() if module.room == room}
    assert _circle(inside) == []


def _circle(inside: dict[str, Module]) -> list[str]:
    """The first circle of imports found, as the names along it; empty when there is none."""
    done: set[str] = set()

    def follow(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for following in sorted(inside[name].loads & inside.keys()):
            if found := follow(following, [*path, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(inside) if (found := follow(name, []))), [])


@pytest.mark.parametrize("name", files())
def test_module_has_a_telling_name_a_docstring_and_one_noun(name: str) -> None:
    module = modules()[name]
    assert not {module.path.stem, module.path.parent.name} & VAGUE, "a name that says nothing gathers everything"
    assert module.lines <= LONGEST
    source = module.path.read_text(encoding="utf-8").strip()
    assert not source or source.startswith(('"""', 'r"""', "#!")), "what the module is for stands in its first line"


@pytest.mark.parametrize("package", sorted(p.parent for p in ROOT.glob("*/__init__.py")), ids=lambda path: path.name)
def test_every_top_level_package_is_a_room_or_stands_beside_them(package: Path) -> None:
    assert package.name in {*ROOMS, "tests", "bench", "drill", "soak"}


def test_every_folder_of_tests_is_a_package() -> None:
    """Else `import signer` may load `tests/signer`."""
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []
