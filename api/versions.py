"""ETag of documents and dossiers: told with each, asked for (If-None-Match), and what an act is for (If-Match)."""

import re
from typing import Annotated, Any, Final

from fastapi import Depends, Header

from stamping import DocumentView, DossierView, Seen, version_of

_TAG: Final = r'(?:W/)?"[\x21\x23-\x7e]*"'
_TAGS: Final = rf"^(?:\*|{_TAG}(?:[ \t]*,[ \t]*{_TAG})*)$"
_EACH: Final = re.compile(_TAG)

NOT_MODIFIED: Final[dict[int | str, dict[str, Any]]] = {304: {"description": "As the caller knows it"}}

IfNoneMatch = Annotated[
    str | None,
    Header(alias="If-None-Match", max_length=4000, description="`ETag` of what the caller has; 304 where it is so yet"),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=4000,
        pattern=_TAGS,
        description="`ETag` of what the caller read and decided on. Where it has changed since, the act is refused "
        "(412 `changed-since`) and nothing is done; what is repeated under its Idempotency-Key is answered as before.",
    ),
]


def etag_of(view: DocumentView | DossierView) -> str:
    """The strong entity tag (RFC 9110) of what is shown now."""
    return f'"{version_of(view)}"'


def known(if_none_match: str | None, etag: str) -> bool:
    """Does the caller have this already? What is no entity tag is none that fits."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or etag in {one.removeprefix("W/") for one in _EACH.findall(if_none_match)}


async def seen_of(if_match: IfMatch = None) -> Seen | None:
    """What the act is for; None: for the thing as it stands. A weak tag names no version (strong comparison)."""
    if if_match is None or if_match == "*":
        return None
    return Seen(frozenset(one.strip('"') for one in _EACH.findall(if_match) if not one.startswith("W/")))


SeenBefore = Annotated[Seen | None, Depends(seen_of)]
