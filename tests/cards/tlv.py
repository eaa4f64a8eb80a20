"""BER-TLV as smart cards write it (ISO/IEC 7816-4, 5.2.2): tag, length, value."""


def tlv(tag: int, *values: bytes) -> bytes:
    """One object; `tag` as it stands in the standards (0x53, 0x7F49, 0x5FC102). Values are joined."""
    value = b"".join(values)
    size = len(value)
    if size < 0x80:
        length = bytes((size,))
    else:
        octets = (size.bit_length() + 7) // 8
        length = bytes((0x80 | octets,)) + size.to_bytes(octets, "big")
    return tag.to_bytes((tag.bit_length() + 7) // 8, "big") + length + value


def parse(data: bytes) -> dict[int, bytes]:
    """The objects one after the other in `data`. Raises `ValueError` where it ends too early."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        tag, at = _tag(data, at)
        size, at = _length(data, at)
        if at + size > len(data):
            raise ValueError("a value is cut off")
        found[tag] = data[at : at + size]
        at += size
    return found


def _tag(data: bytes, at: int) -> tuple[int, int]:
    start = at
    at += 1
    if data[start] & 0x1F == 0x1F:
        while at < len(data) and data[at] & 0x80:
            at += 1
        at += 1
    return int.from_bytes(data[start:at], "big"), at


def _length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise ValueError("a length is cut off")
    first = data[at]
    if first < 0x80:
        return first, at + 1
    end = at + 1 + (first & 0x7F)
    return int.from_bytes(data[at + 1 : end], "big"), end
