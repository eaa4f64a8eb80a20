"""The real application served by uvicorn on loopback, for clients and browsers; a seal worker's turns beside it.

def test_something(service):
    caller = service.client()                      # httpx, nobody signed in
    clerk = service.signed_in("clerk")             # a person of that role
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from api import DemoAccount, WebSettings, accounts, clients, create_app, passwords
from stamping import EVERYTHING, Reach, passage
from tests.stamping.office_desk import CUSTODIAN, OFFICER, OFFICER_NAME, ORGANISATION_NAME, Place

PASSWORD = "mat-khau-thu-nghiem"
NOBODYS_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts no certificate; loopback is plain HTTP. Without one given, each client of httpx reads all that this machine
trusts: 65 ms."""
PEOPLE = {
    "clerk": ("mot-cua", "Phạm Văn Mẫu"),
    "officer": ("pho-chu-tich", OFFICER_NAME),
    "custodian": ("van-thu", "Lê Thị Mẫu"),
}


@dataclass(kw_only=True)
class Running:
    """A service that answers at `url`."""

    url: str
    place: Place
    settings: WebSettings
    app: FastAPI
    open_clients: list[httpx.Client] = field(default_factory=list)
    sessions: dict[str, httpx.Cookies] = field(default_factory=dict)

    def client(self, *, token: str = "", language: str = "vi") -> httpx.Client:
        """A program's connection; `token` is a bearer token."""
        headers = {"accept-language": language} | ({"authorization": f"Bearer {token}"} if token else {})
        made = httpx.Client(base_url=self.url, headers=headers, timeout=30, verify=NOBODYS_TLS)
        self.open_clients.append(made)
        return made

    def signed_in(self, role: str, *, fresh: bool = False) -> httpx.Client:
        """A person's connection; one session a role, because each password takes its time, unless a `fresh` one is
        asked for."""
        made = self.client()
        if role in self.sessions and not fresh:
            made.cookies.update(self.sessions[role])
            return made
        name, _ = PEOPLE[role]
        answer = made.post("/api/v1/session", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        if not fresh:
            self.sessions[role] = made.cookies
        return made

    def program(self, *scopes: str, reach: Reach = EVERYTHING) -> httpx.Client:
        """A workflow system's connection with these scopes, limited to `reach`."""
        _, token = clients.create(
            self.place.desk.engine, name="một cửa điện tử", scopes=scopes, now=datetime.now(UTC), reach=reach
        )
        return self.client(token=token)

    @contextmanager
    def worker(self) -> Iterator[None]:
        """The seal worker, taking turns until the block ends."""
        stop = threading.Event()

        def turns() -> None:
            while not stop.is_set():
                if not passage.serve_one(self.place.worker, self.place.keys):
                    stop.wait(0.05)

        thread = threading.Thread(target=turns)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def factor_key(place: Place) -> Path:
    """The file second factors of this office are encrypted with."""
    return place.desk.home / "second-factor.key"


@contextmanager
def serving(place: Place, **changes: object) -> Iterator[Running]:
    """Serve this office; `changes` are of `WebSettings`."""
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    place.desk = replace(place.desk, public_url=url)
    _people(place)
    settings = WebSettings(
        public_url=url,
        office_vi="UBND xã Mẫu",
        office_en="Mẫu Commune People’s Committee",
        counter_vi="Trung tâm Phục vụ hành chính công xã Mẫu",
        counter_en="the Mẫu Commune Public Administration Centre",
        test_office=True,
        second_factor_key=factor_key(place),
        receipt_key=place.desk.home / "receipt.key",
        demo_accounts=tuple(
            DemoAccount(name=name, password=PASSWORD, role_vi=shown, role_en=role)
            for role, (name, shown) in PEOPLE.items()
        ),
    )
    settings = replace(settings, **changes)  # type: ignore[arg-type]
    app = create_app(place.desk, settings)
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        _until_started(server)
        running = Running(url=url, place=place, settings=settings, app=app)
        yield running
        for client in running.open_clients:
            client.close()
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def _until_started(server: uvicorn.Server) -> None:
    ends = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < ends, "uvicorn did not start"
        time.sleep(0.01)


_hashed: Final = cache(passwords.hashed)


@contextmanager
def hashed_once() -> Iterator[None]:
    """Accounts made in this block share the Argon2id hash of their password, made once in this process: it takes
    longer than most tests. Whoever signs in is checked against it as ever."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "hashed", _hashed)
        yield


@hashed_once()
def _people(place: Place) -> None:
    engine, now = place.desk.engine, datetime.now(UTC)
    if accounts.listed(engine):
        return
    for role, (name, shown) in PEOPLE.items():
        accounts.create(
            engine,
            name=name,
            password=PASSWORD,
            roles=[role],  # type: ignore[list-item]
            now=now,
            display_name=shown,
            officer_id=OFFICER if role == "officer" else None,
            custodian_id=CUSTODIAN if role == "custodian" else None,
        )


__all__ = ["NOBODYS_TLS", "ORGANISATION_NAME", "PASSWORD", "PEOPLE", "Running", "serving"]
