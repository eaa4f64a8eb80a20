"""A number as programs get it, from the service and from the command alike."""

from typing import Any

from api.formats import local
from stamping import Reserved


def number_json(one: Reserved) -> dict[str, Any]:
    """A number as it was given; its time is Viet Nam's, to the second."""
    return {
        "id": one.id,
        "organisation": one.organisation,
        "year": one.year,
        "number": one.number,
        "symbol": one.symbol,
        "notation": one.notation,
        "reserved_by": one.reserved_by,
        "purpose": one.purpose,
        "reserved_at": local(one.reserved_at).isoformat(timespec="seconds"),
    }
