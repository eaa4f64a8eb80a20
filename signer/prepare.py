"""Steps 2 to 4: the field, the mark, and an incremental update with room for the signature."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

import pikepdf
from cryptography.x509 import Certificate, ExtensionNotFound, KeyUsage

from verifier.fields import OFFICER_FIELD, SEAL_FIELD

from .append import Appendix, Hole, Update, body, numbers, text
from .cms import digest_size, template_for
from .errors import CertificateUnusable, ContentsTooSmall, FieldUnusable, MarkDoesNotFit, Unsealable, UnsealableReason
from .fields import Field, new_widget, page_at, register_fields, register_widgets, rotation, shows, visible_box
from .key import Scheme
from .level import Level
from .mark import prepared
from .order import Mark, Order, Rect, Role
from .preflight import Examination, Inspection, examine, inspection
from .prepared import PreparedSignature
from .source import Source, open_source, reading

VIET_NAM = timezone(timedelta(hours=7))
TIMESTAMP_ROOM = 6_144
"""Bytes set aside for a signature timestamp; tokens of the state TSA have about 3.75 KB."""
_HIDING = 1 | 2 | 32 | 256
"""Invisible, Hidden, NoView, ToggleNoView (ISO 32000-1 table 165)."""
_FIT_PT = 1.0
"""How much larger than its field a mark may be before it does not fit: rounding of mm to pt."""


def prepare(
    pdf: bytes, order: Order, certificate: Certificate, chain: tuple[Certificate, ...], scheme: Scheme
) -> PreparedSignature:
    """A signature ready but for its value.

    Raises `Unsealable`, `FieldUnusable`, `MarkDoesNotFit`, `MarkUnusable`, `CertificateUnusable` (out of its dates at
    `order.signed_at`, too weak, not allowed to sign) and `ContentsTooSmall`; all of them before any key is asked.
    """
    with open_source(pdf) as source:
        inspected = examine(source, "signing")
        return prepare_source(source, inspected, order, certificate, chain, scheme)


def prepare_seen(
    pdf: bytes,
    order_for: Callable[[Inspection], Order],
    certificate: Certificate,
    chain: tuple[Certificate, ...],
    scheme: Scheme,
) -> PreparedSignature:
    """`preflight` and `prepare` of a file that is read once: the order is made for what was seen in it."""
    with open_source(pdf) as source:
        inspected = examine(source, "signing")
        order = order_for(inspection(source, inspected))
        return prepare_source(source, inspected, order, certificate, chain, scheme)


def prepare_source(
    source: Source,
    inspected: Examination,
    order: Order,
    certificate: Certificate,
    chain: tuple[Certificate, ...],
    scheme: Scheme,
) -> PreparedSignature:
    """`prepare` on a PDF that is open and inspected."""
    signed_at = order.signed_at or datetime.now(UTC)
    check_certificate(certificate, signed_at)
    template = template_for(certificate, chain, scheme)
    reserve = room_for(order, template.size(digest_size(scheme)))
    name = order.field or role_field(order.role)
    with reading():
        appendix = _append(source, inspected, order, name, signed_at, reserve)
    whole = source.data + appendix.data
    return PreparedSignature(
        pdf_with_hole=whole,
        byte_range=appendix.byte_range(len(whole)),
        certificate=certificate,
        chain=chain,
        scheme=scheme,
        field=name,
        level=order.level,
        signing_time=signed_at,
    )


def room_for(order: Order, size: int) -> int:
    """Bytes of room for a CMS of `size` bytes without its timestamp: known to suffice before any key is asked.

    With a timestamp 16 KiB, 32 KB of digits (the state's: CMS of 5.1 KB in all). Without one the size is known, and
    every digit more would be parsed again by every reader. Raises `ContentsTooSmall`.
    """
    needed = size + (TIMESTAMP_ROOM if order.level >= Level.B_T else 0)
    wanted = order.reserve
    if wanted is None:
        wanted = 16_384 if order.level >= Level.B_T else -(-needed // 1024) * 1024
    if needed > wanted:
        raise ContentsTooSmall(needed, wanted)
    return wanted


def _append(
    source: Source, inspected: Examination, order: Order, name: str, signed_at: datetime, reserve: int
) -> Appendix:
    update = Update(source)
    # 2 placement: the prepared empty field, else a new one where the order says
    field = inspected.named(name)
    signature = update.reserve()
    if field is not None:
        _fill_field(source, update, order, field, signature)
    elif inspected.certified is not None:
        # Under a certifying signature only prepared fields may be signed (measured: a new one breaks it, AC-130).
        raise Unsealable(UnsealableReason.CERTIFIED, f"no prepared field {name!r}")
    else:
        _new_field(source, update, order, name, signature)
    # 4 the update, with the hole for the signature
    return update.write(Hole(number=signature, entries=_signature_entries(order, signed_at), reserve=reserve))


def role_field(role: Role) -> str:
    """The field every paper of ours carries for this role."""
    return OFFICER_FIELD if role == "officer" else SEAL_FIELD


def check_certificate(certificate: Certificate, at: datetime) -> None:
    """Dates and key usage (TT 15/2025 article 5.1, AC-70); path and revocation are the caller's sources' business."""
    if at < certificate.not_valid_before_utc:
        raise CertificateUnusable("chưa đến ngày có hiệu lực", f"not valid before {certificate.not_valid_before_utc}")
    if at > certificate.not_valid_after_utc:
        raise CertificateUnusable("đã hết hạn", f"expired {certificate.not_valid_after_utc}")
    if not _may_sign(certificate):
        raise CertificateUnusable("không được cấp để ký số", "its key usage does not allow signing")


@lru_cache(maxsize=128)
def _may_sign(certificate: Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(KeyUsage).value
    except ExtensionNotFound:
        return True
    return usage.digital_signature or usage.content_commitment


def _new_field(source: Source, update: Update, order: Order, name: str, signature: int) -> None:
    if order.mark is not None and order.placement is None:
        raise FieldUnusable(name, "chưa có ô và chưa có vị trí", "it does not exist and the order has no placement")
    page = page_at(source, order.placement.page if order.placement else 0)
    rect: Rect = order.placement.rect if order.placement else (0, 0, 0, 0)
    entries = b"/V %d 0 R" % signature
    if order.mark is not None:
        entries += b"/AP<</N %d 0 R>>" % _appearance(update, order.mark, order.role, rect, rotation(page))
    widget = update.add(new_widget(page, name, rect, None, entries))
    register_fields(source, update, [widget])
    register_widgets(update, page, [widget])


def _fill_field(source: Source, update: Update, order: Order, field: Field, signature: int) -> None:
    if field.kind != "/Sig":
        raise FieldUnusable(field.name, "không phải ô chữ ký", "it is not a signature field")
    if field.filled:
        raise FieldUnusable(field.name, "đã được ký", "it is signed already")
    if not field.field.is_indirect or field.widget is None or not field.widget.is_indirect:
        raise FieldUnusable(field.name, "cấu trúc không hỗ trợ", "its objects cannot be replaced")
    value = b"%d 0 R" % signature
    appearance: dict[str, bytes] = {}
    if order.mark is not None:
        page = _shown_on(source, field)
        form = _appearance(update, order.mark, order.role, field.rect, rotation(page))
        appearance = {"/AP": b"<</N %d 0 R>>" % form, "/AS": b""}
    if field.field.objgen == field.widget.objgen:
        update.replace(field.field, body(field.field, {"/V": value, **appearance}))
    else:
        update.replace(field.field, body(field.field, {"/V": value}))
        if appearance:
            update.replace(field.widget, body(field.widget, appearance))
    register_fields(source, update, [])


def _shown_on(source: Source, field: Field) -> pikepdf.Object:
    """The page that shows the field. A seal nobody sees is no seal: a hidden or misplaced field is refused."""
    widget = field.widget
    assert widget is not None
    page = widget.get("/P")
    if not (isinstance(page, pikepdf.Dictionary) and shows(page, widget)):
        page = next((p.obj for p in source.pdf.pages if shows(p.obj, widget)), None)
    if page is None:
        raise FieldUnusable(field.name, "không nằm trên trang nào", "no page shows it")
    if int(widget.get("/F", 0)) & _HIDING:
        raise FieldUnusable(field.name, "bị ẩn", "it is hidden")
    box = visible_box(page)
    rect = field.rect
    if rect[0] < box[0] - 1 or rect[1] < box[1] - 1 or rect[2] > box[2] + 1 or rect[3] > box[3] + 1:
        raise FieldUnusable(field.name, "nằm ngoài trang", "it lies outside its page")
    return page


def _appearance(update: Update, mark: Mark, role: Role, rect: Rect, turned: int) -> int:
    """The field's appearance: the mark in its real size, centred and upright as seen on a turned page."""
    ready = prepared(mark)
    first = update.reserve(len(ready.objects))
    for offset, content in enumerate(ready.bodies(first)):
        update.put(first + offset, content)
    wide, high = rect[2] - rect[0], rect[3] - rect[1]
    if turned in (90, 270):
        wide, high = high, wide
    scale = min(1.0, wide / ready.width, high / ready.height)
    if role == "agency" and (ready.width > wide + _FIT_PT or ready.height > high + _FIT_PT):
        raise MarkDoesNotFit((ready.width, ready.height), (wide, high))
    if role == "agency":
        scale = 1.0
    left, bottom = (wide - ready.width * scale) / 2, (high - ready.height * scale) / 2
    drawing = b"q %s cm /M Do Q" % numbers((scale, 0, 0, scale, left, bottom))
    # The box is as seen; the matrix turns it back into the page's own space, and the reader shifts it onto /Rect.
    matrix = {0: b"", 90: b"/Matrix[0 1 -1 0 0 0]", 180: b"/Matrix[-1 0 0 -1 0 0]", 270: b"/Matrix[0 -1 1 0 0 0]"}[
        turned
    ]
    head = b"<</Type/XObject/Subtype/Form/BBox[0 0 %s]%s/Resources<</XObject<</M %d 0 R>>>>/Length %d>>"
    return update.add(
        head % (numbers((wide, high)), matrix, first, len(drawing)) + b"stream\n" + drawing + b"\nendstream"
    )


def _signature_entries(order: Order, signed_at: datetime) -> bytes:
    moment = signed_at.astimezone(VIET_NAM).strftime("D:%Y%m%d%H%M%S+07'00'")
    entries = b"/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(%s)/Name%s" % (
        moment.encode(), text(order.name),
    )  # fmt: skip
    if order.reason:
        entries += b"/Reason" + text(order.reason)
    if order.location:
        entries += b"/Location" + text(order.location)
    return entries
