"""Our own modules and what each imports when it is loaded, read from the source."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = (
    "agent api hsm office register secondseal signer stamping store templates trust verifier web".split()  # noqa: SIM905
)


@dataclass(frozen=True, kw_only=True)
class Module:
    """One file. `loads`: our modules that loading it loads. `names`: our modules as its import statements name them."""

    name: str
    path: Path
    lines: int
    loads: frozenset[str]
    names: frozenset[str]

    @property
    def room(self) -> str:
        """The top-level package."""
        return self.name.split(".", maxsplit=1)[0]


@cache
def modules() -> dict[str, Module]:
    """Every module of every room by its dotted name."""
    return {name: _module(name, path, frozenset(files())) for name, path in files().items()}


@cache
def files() -> dict[str, Path]:
    """Where each is, unread."""
    return {_name(path): path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))}


def _name(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _module(name: str, path: Path, known: frozenset[str]) -> Module:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    return Module(
        name=name,
        path=path,
        lines=source.count("\n"),
        loads=frozenset(loaded for _, loaded in _imported(_on_loading(tree), package, known)) - {name},
        names=frozenset(named for named, _ in _imported(ast.walk(tree), package, known)) - {name},
    )


def _on_loading(tree: ast.AST) -> Iterator[ast.AST]:
    """Every statement that runs when the module is loaded: not in functions, not for the type checker alone."""
    for node in ast.iter_child_nodes(tree):
        checked_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and not checked_only:
            yield node
            yield from _on_loading(node)


def _imported(nodes: Iterator[ast.AST], package: str, known: frozenset[str]) -> Iterator[tuple[str, str]]:
    """As (module named, module loaded): `from store import metadata` names the room and may load a module of it."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, alias.name) for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            parent = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            source = ".".join(part for part in (parent, node.module or "") if part)
            for alias in node.names:
                full = f"{source}.{alias.name}"
                if full in known or source in known:
                    yield (source, full if full in known else source)
