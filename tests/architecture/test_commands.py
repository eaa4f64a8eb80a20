"""Every command of `secondseal` tells how to use it, with an example, at every depth (contract, Commands)."""

import contextlib
import io
import re
from functools import cache

import pytest

from secondseal.command import main

PROMISED = ("demo", "serve", "verify", "paper", "token", "register")


@cache
def _help(*command: str) -> str:
    told = io.StringIO()
    with contextlib.redirect_stdout(told), pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    return told.getvalue()


def _subcommands(text: str) -> list[str]:
    """The names in argparse's list of commands: indented by four (two, where it gives them no heading of their own)."""
    listed = re.search(r"^(?:positional arguments|commands):\n(.*?)(?:\n\n|\Z)", text, re.DOTALL | re.MULTILINE)
    if listed is None or not re.search(r"^  (?:[A-Z]+|\{.*\})$", listed.group(1), re.MULTILINE):
        return []
    return re.findall(r"^    ([a-z][a-z-]*)\b", listed.group(1), re.MULTILINE)


def _example(*command: str) -> str:
    """What stands after the word Example, on one line: argparse wraps it to the width of the terminal."""
    return " ".join(_help(*command).partition("Example")[2].split())


@cache
def _every_command() -> tuple[tuple[str, ...], ...]:
    found: list[tuple[str, ...]] = []
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        command = waiting.pop(0)
        for name in _subcommands(_help(*command)):
            found.append((*command, name))
            waiting.append((*command, name))
    return tuple(found)


def test_the_promised_commands_are_there() -> None:
    named = {command[0] for command in _every_command()}
    assert set(PROMISED) <= named
    assert {
        ("paper", "list"),
        ("paper", "render"),
        ("token", "list"),
        ("token", "doctor"),
        ("register", "audit"),
    } <= set(_every_command())


@pytest.mark.parametrize("depth", [1, 2])
def test_each_has_help_with_an_example(depth: int) -> None:
    without = [
        " ".join(command)
        for command in _every_command()
        if len(command) == depth and f"secondseal {' '.join(command)}" not in _example(*command)
    ]
    assert without == [], "no `Example: secondseal ...` in the help of these"
