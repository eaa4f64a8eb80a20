"""`secondseal web`: the pages and the API in one process. It can reach no key: it imports no PKCS#11."""

import argparse
import json
import logging
import sys
from typing import Final

import uvicorn
from sqlalchemy import Engine

from api import FactorKeysUnfit, WebSettings, create_app, in_request, second_factor
from api.settings import DemoAccount
from office import Office, may_use
from secondseal.authorities import AuthoritiesInForce
from secondseal.institution import make_ready
from secondseal.logs import configure
from secondseal.papers import papers_at_start
from secondseal.settings import Settings, SettingsError, load_settings, log_form
from secondseal.wiring import build_desk, now, receipt_sources, webhook_policy
from stamping import Refusal
from verifier import Sandbox

log = logging.getLogger("secondseal.web")
SWITCH_S: Final = 0.001
"""After how long a thread that computes makes room for one that wants to: a file being judged for a citizen would else
hold up the office's requests by Python's 5 ms, each time one of them comes back from the database."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """--host, --port."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; a reverse proxy stands before it")
    parser.add_argument("--port", type=int, default=8000)


def run(options: argparse.Namespace) -> int:
    """Serve until ended."""
    settings = load_settings()
    configure(log_form(settings), in_request())
    sys.setswitchinterval(SWITCH_S)
    papers = papers_at_start(settings)
    with Sandbox() as sandbox:
        relied = AuthoritiesInForce(settings)
        desk = build_desk(settings, sandbox, relied.store, papers)
        make_ready(desk, settings)
        try:
            office = desk.office()
        except Refusal as error:
            raise SettingsError(f"{error.text_vi}\n{error.text_en}") from error
        encrypt_second_factors(desk.engine, settings)
        app = create_app(desk, web_settings(settings, office, relied), relied)
        uvicorn.run(
            app,
            host=options.host,
            port=options.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=10,
        )
    return 0


def encrypt_second_factors(engine: Engine, settings: Settings) -> None:
    """Those from before, and those under a key that is to go. Where it cannot be, whoever has none signs in all the
    same; /readyz and the doctor say so."""
    try:
        count = second_factor.seal_all(engine, settings.second_factor_key)
    except FactorKeysUnfit as error:
        log.error("%s %s", error.text_vi, error.text_en)  # noqa: TRY400  the words are all there is to it
    else:
        if count:
            log.info("secrets of %d second factors were encrypted under the first key", count)
        if bare := second_factor.without_recovery_codes(engine):
            log.warning("no recovery code left (turn the second factor off and on): %s", ", ".join(bare))


def web_settings(settings: Settings, office: Office, relied: AuthoritiesInForce) -> WebSettings:
    """What the pages need to know. A test office's accounts are shown on its sign-in page."""
    shown: tuple[DemoAccount, ...] = ()
    listed = settings.home / "demo-accounts.json"
    if office.test_office and listed.is_file():
        shown = tuple(DemoAccount(**entry) for entry in json.loads(listed.read_text(encoding="utf-8")))
    # an organisation's name is in capitals, as papers want it; capitals cannot be undone by rule ("xã Mẫu")
    name = settings.office_name or _name(office)
    return WebSettings(
        public_url=settings.public_url,
        office_vi=name,
        office_en=settings.office_name_en or name,
        test_office=office.test_office,
        demo_accounts=shown,
        agent_port=settings.agent_port,
        second_factor_roles=frozenset(settings.second_factor_roles),
        max_file_bytes=settings.max_upload_mb * 1024 * 1024,
        verifications_at_once=settings.verifications_at_once,
        public_statistics=settings.public_statistics,
        webhook_key=settings.webhook_key,
        second_factor_key=settings.second_factor_key,
        receipt_key=settings.receipt_key,
        receipt_sources=receipt_sources(settings, relied.store),
        webhook_policy=webhook_policy(settings),
    )


def _name(office: Office) -> str:
    """Whose pages these are: the organisation of the first seal that may be used today."""
    today = now()
    for seal in office.seals:
        body = office.organisation(seal.organisation)
        if body is not None and may_use(office, seal_id=seal.id, organisation=body.code, on=today).allowed:
            return body.name
    return office.organisations[0].name
