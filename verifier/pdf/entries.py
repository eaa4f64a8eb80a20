"""Entries of PDF dictionaries, resolved. pyHanko's own `.get` hands back unresolved references."""

from typing import Any

from pyhanko.pdf_utils import generic


def get(holder: Any, key: str, default: Any = None) -> Any:
    """The entry itself, or `default` where there is none."""
    return holder[key] if key in holder else default  # noqa: SIM401 - exactly not .get


def items(holder: Any, key: str) -> list[Any]:
    """The items of an array entry, resolved; an absent entry has none."""
    array = get(holder, key)
    return [array[place] for place in range(len(array))] if isinstance(array, generic.ArrayObject) else []


def dictionary(value: Any) -> Any:
    """The value where it is a dictionary, else an empty one."""
    return value if isinstance(value, generic.DictionaryObject) else {}


def text(value: Any) -> str | None:
    """A string or name, at most 500 characters of it."""
    return None if value is None else str(value)[:500]
