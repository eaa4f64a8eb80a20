"""Streams that say what a file holds (cross-references, objects) are unpacked here as everywhere else.

pyHanko takes a PNG row without prediction for zeros, adds up others wrongly, and knows neither /Colors nor
/BitsPerComponent: a catalogue packed so says one thing to it and another to every reader.
"""

import zlib
from typing import Any

from pyhanko.pdf_utils import generic

_PARAMETERS = {"/Predictor", "/Columns", "/Colors", "/BitsPerComponent"}
_ONE_BYTE = {"/Colors": 1, "/BitsPerComponent": 8}
_UP = 2
"""The one PNG row that pyHanko gets right, and the one that programs use for these streams."""


def packing_problem(stream: Any, unpacked: bytes) -> str | None:
    """Why a stream may hold something else for another reader than `unpacked`, its bytes by pyHanko; None if not."""
    filters, parameters = dict.get(stream, "/Filter"), _single(dict.get(stream, "/DecodeParms"))
    if filters is None and parameters is None:
        return None
    # no list of parameters for one filter, nor one set of them for a list
    alike = isinstance(filters, list) == isinstance(dict.get(stream, "/DecodeParms"), list) or parameters is None
    if _single(filters) != "/FlateDecode" or not alike or not _are_usual(parameters):
        return "oddly packed"
    if parameters is None or dict.get(parameters, "/Predictor", 1) == 1:
        return None
    goes_up = _goes_up(stream.encoded_data, dict.get(parameters, "/Columns", 1), len(unpacked))
    return None if goes_up else "oddly packed"


def _are_usual(parameters: Any) -> bool:
    if parameters is None:
        return True
    return (
        isinstance(parameters, generic.DictionaryObject)
        and dict.keys(parameters) <= _PARAMETERS
        and all(isinstance(number, int) for number in dict.values(parameters))
        and all(dict.get(parameters, key, usual) == usual for key, usual in _ONE_BYTE.items())
    )


def _single(value: Any) -> Any:
    """The only item of a list, or what is no list; `null` is nothing."""
    if isinstance(value, generic.ArrayObject):
        value = list.__getitem__(value, 0) if len(value) == 1 else False
    return None if isinstance(value, generic.NullObject) else value


def _goes_up(packed: bytes, columns: int, size: int) -> bool:
    """Whether every PNG row of `columns` bytes is told by its difference to the row above."""
    if columns < 1 or size % columns:
        return False
    length = size // columns * (columns + 1)
    rows = zlib.decompressobj().decompress(packed, length + 1)
    return len(rows) == length and set(rows[:: columns + 1]) <= {_UP}
