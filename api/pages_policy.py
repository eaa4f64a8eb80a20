"""A validation policy's own page: its address is in verdicts, so it never changes."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.language import language_of
from api.pages import page, said
from verifier import published

router = APIRouter(include_in_schema=False)


@router.get("/verify/policies/{name}/{version}")
def policy(request: Request, name: str, version: str) -> Response:
    """The text of one version."""
    language, t = language_of(request), said(request)
    found = published(name, version)
    if found is None:
        text = t("policy.unknown", name=name[:40], version=version[:10])
        return page(request, "problem.html", 404, title=t("policy.unknown_title"), text=text, back=None)
    return page(
        request,
        "policy.html",
        policy=found,
        sections=found.sections(language),
        constraints=found.constraints(language),
        title=found.title(language),
        lead=found.lead(language),
    )
