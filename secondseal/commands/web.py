"""`secondseal web`: the pages and the API in one process. It can reach no key: it imports no PKCS#11."""

import argparse
import json

import uvicorn

from api import WebSettings, create_app
from api.settings import DemoAccount
from office import Office, may_use
from secondseal.institution import make_ready
from secondseal.settings import Settings, SettingsError, load_settings
from secondseal.wiring import build_desk, now, webhook_policy
from stamping import Refusal
from verifier import Sandbox


def arguments(parser: argparse.ArgumentParser) -> None:
    """--host, --port."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; a reverse proxy stands before it")
    parser.add_argument("--port", type=int, default=8000)


def run(options: argparse.Namespace) -> int:
    """Serve until ended."""
    settings = load_settings()
    with Sandbox() as sandbox:
        desk = build_desk(settings, sandbox)
        make_ready(desk, settings)
        try:
            office = desk.office()
        except Refusal as error:
            raise SettingsError(f"{error.text_vi}\n{error.text_en}") from error
        app = create_app(desk, web_settings(settings, office))
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


def web_settings(settings: Settings, office: Office) -> WebSettings:
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
        max_file_bytes=settings.max_upload_mb * 1024 * 1024,
        verifications_at_once=settings.verifications_at_once,
        public_statistics=settings.public_statistics,
        webhook_key=settings.webhook_key,
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
