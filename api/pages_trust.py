"""The authorities relied on and how their OCSP and CRL services answered, to be read: no process of the service changes
the list (docs/decisions/0052)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from cryptography import x509
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api import formats
from api.callers import Serving, desk_person
from api.language import language_of
from api.pages import page, said
from api.sessions import Session
from trust import TrustStore, common_name, fingerprint

router = APIRouter(prefix="/desk/trust", include_in_schema=False)
Reader = Annotated[Session, Depends(desk_person("administrator", "auditor"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """One certificate as the page shows it."""

    name: str
    sha256: str
    until: str
    mark: str
    shape: str
    word: str


@router.get("")
def authorities(service: Serving, request: Request, _: Reader) -> Response:
    """Anchors, intermediates, and the addresses that were asked."""
    store, client = service.desk.store, service.desk.sources.revocation
    now = service.now()
    return page(
        request,
        "trust.html",
        not_taken_up=service.relied is not None and service.relied.problem is not None,
        anchors=[_authority(request, one, store, now, anchor=True) for one in store.anchors],
        intermediates=[_authority(request, one, store, now, anchor=False) for one in store.intermediates],
        sources=client.sources() if client is not None else (),
    )


def _authority(
    request: Request, certificate: x509.Certificate, store: TrustStore, now: datetime, *, anchor: bool
) -> Authority:
    t, language = said(request), language_of(request)
    ends, ended = certificate.not_valid_after_utc, store.ended.get(certificate)
    mark, shape, word = "ok", "held", t("trust.relied")
    if ended is not None:
        mark, shape = ("", "off") if now >= ended else ("now", "clock")
        word = t("trust.ended", time=formats.clock(ended), date=formats.short_date(ended, language))
    elif now > ends:
        mark, shape, word = ("", "off", t("trust.expired_anchor")) if anchor else ("bad", "no", t("trust.expired"))
    return Authority(
        name=common_name(certificate),
        sha256=fingerprint(certificate),
        until=t("trust.valid_until", date=formats.full_date(ends, language)),
        mark=mark,
        shape=shape,
        word=word,
    )
