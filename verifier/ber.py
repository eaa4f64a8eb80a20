"""The CMS of a signature as DER. ISO 32000 asks for DER; Bouncy Castle, and so PDFBox, writes indefinite lengths (BER).

Only the outer shell is ever BER in practice; what is hashed (the signed attributes, certificates, tokens) is DER inside
it and is handed on byte for byte. /Contents lies outside the byte range, so nothing signed depends on its spelling.
"""

MAX_DEPTH = 32

_CONSTRUCTED = 0x20
_END = b"\0\0"
_OCTETS = 0x24


class BerProblem(ValueError):
    """Not one BER value; the text is a code of `findings`."""


def read_cms(contents: bytes) -> bytes:
    """The one value at the start of `contents`, with definite lengths; after it only the zero padding of /Contents.

    Raises BerProblem: cms_malformed, or cms_trailing_data where something follows that is not padding.
    """
    if contents[:1] != b"\x30":
        raise BerProblem("cms_malformed")
    value, end = _definite(contents, 0, len(contents), 0)
    if contents[end:].strip(b"\0"):
        raise BerProblem("cms_trailing_data")
    return value


def definite(value: bytes) -> bytes:
    """A value that may be BER, with definite lengths. Raises BerProblem."""
    return read_cms(value) if value[1:2] == b"\x80" else value


def parts(contents: bytes) -> list[bytes]:
    """The elements of `contents`, each with its tag and definite length. Raises BerProblem."""
    found, place = [], 0
    while place < len(contents):
        part, place = _definite(contents, place, len(contents), 0)
        found.append(part)
    return found


def inside(element: bytes) -> bytes:
    """The contents of an element of definite length."""
    return element[2 + (element[1] & 0x7F if element[1] & 0x80 else 0) :]


def tags(contents: bytes) -> bytes:
    """The first byte of each element of `contents`. Raises BerProblem."""
    return bytes(part[0] for part in parts(contents))


def _definite(data: bytes, start: int, stop: int, depth: int) -> tuple[bytes, int]:
    """(the element at `start` with definite lengths, where it ends). Definite elements are kept as they are."""
    if depth > MAX_DEPTH or start + 2 > stop or data[start] & 0x1F == 0x1F:  # no tag of a CMS has two octets
        raise BerProblem("cms_malformed")
    tag, first = data[start], data[start + 1]
    if first != 0x80:
        end = _end(data, start, stop)
        return data[start:end], end
    if not tag & _CONSTRUCTED:
        raise BerProblem("cms_malformed")
    place, parts = start + 2, []
    while data[place : place + 2] != _END:
        part, place = _definite(data, place, stop, depth + 1)
        parts.append(part)
    if place + 2 > stop:
        raise BerProblem("cms_malformed")
    if tag == _OCTETS:  # a string in pieces
        return _element(0x04, b"".join(_octets(part) for part in parts)), place + 2
    return _element(tag, b"".join(parts)), place + 2


def _end(data: bytes, start: int, stop: int) -> int:
    first = data[start + 1]
    count = first & 0x7F if first & 0x80 else 0
    if count > 4 or start + 2 + count > stop:
        raise BerProblem("cms_malformed")
    length = int.from_bytes(data[start + 2 : start + 2 + count], "big") if count else first
    end = start + 2 + count + length
    if end > stop:
        raise BerProblem("cms_malformed")
    return end


def _octets(part: bytes) -> bytes:
    if part[:1] != b"\x04":
        raise BerProblem("cms_malformed")
    return inside(part)


def _element(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content
