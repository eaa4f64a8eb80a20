"""Step 8: our own work is checked before anything leaves.

A wrong byte range or a wrong cross-reference gives a file that opens, looks right, and fails at the citizen's. So the
bytes as written are hashed and parsed again, by qpdf, without repair.
"""

from .cms import hash_name
from .errors import PreparedDamaged, SelfCheckFailed, Unsealable
from .fields import field_named
from .prepared import ByteRange, PreparedSignature, digest_of_ranges
from .source import open_source, reading, refuse_warnings


def check_release(pdf: bytes, *, prepared: PreparedSignature, cms: bytes, signature_value: bytes) -> None:
    """Raises `SelfCheckFailed`, and `PreparedDamaged` when the bytes are not those that were prepared.

    That the value verifies under the certificate's key was established over the same attributes (`verify_value`);
    here the file must carry exactly that value and those attributes, over exactly its own bytes.
    """
    check_range(pdf, prepared.byte_range)
    digest = digest_of_ranges(pdf, prepared.byte_range, hash_name(prepared.scheme))
    if digest != prepared.document_digest:
        raise PreparedDamaged("the document's bytes")
    attributes = b"\xa0" + prepared.template.signed_attributes(digest)[1:]
    if attributes not in cms or signature_value not in cms or attributes[1:] != prepared.signed_attributes[1:]:
        raise SelfCheckFailed("the CMS does not carry what was signed")
    check_field(pdf, field=prepared.field, byte_range=prepared.byte_range, contents=cms)


def check_range(pdf: bytes, byte_range: ByteRange) -> None:
    """The range covers the whole file but `<...>` of one hexadecimal string."""
    start, first, second, rest = byte_range
    if start != 0 or not 0 < first < second or second + rest != len(pdf):
        raise SelfCheckFailed(f"byte range {byte_range} of {len(pdf)} bytes")
    if pdf[first - 9 : first + 1] != b"/Contents<" or pdf[second - 1 : second] != b">":
        raise SelfCheckFailed("the hole is not exactly /Contents")


def check_field(pdf: bytes, *, field: str, byte_range: ByteRange, contents: bytes) -> None:
    """A strict reader finds the field signed with this byte range and these contents, and warns of nothing."""
    try:
        with open_source(pdf) as source, reading():
            found = field_named(source, field)
            value = found.field.get("/V") if found is not None else None
            if value is None:
                raise SelfCheckFailed(f"field {field!r} is not signed")
            if tuple(int(n) for n in value["/ByteRange"]) != byte_range:
                raise SelfCheckFailed("another byte range is read")
            written = bytes(value["/Contents"])
            if written[: len(contents)] != contents or written.strip(b"\0") != contents.strip(b"\0"):
                raise SelfCheckFailed("other contents are read")
            refuse_warnings(source.pdf)
    except Unsealable as error:
        raise SelfCheckFailed(error.detail) from error
