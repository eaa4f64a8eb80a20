"""HTTP: routes, bodies, problems, who is calling; it fills in the pages of `web`.

`create_app(desk, settings)` gives the application; `accounts` and `clients` make the people and programs that call;
`LocalAccounts` says who a person is.
"""

from typing import TYPE_CHECKING

from api import accounts, clients, second_factor
from api.factor_keys import FactorKeysUnfit
from api.identity import CodeNeeded, Proven, SignInRefused
from api.local_accounts import LocalAccounts, Password
from api.settings import DemoAccount, WebSettings

if TYPE_CHECKING:
    from logging import Filter

    from fastapi import FastAPI

    from stamping import Desk

__all__ = [
    "CodeNeeded",
    "DemoAccount",
    "FactorKeysUnfit",
    "LocalAccounts",
    "Password",
    "Proven",
    "SignInRefused",
    "WebSettings",
    "accounts",
    "clients",
    "create_app",
    "in_request",
    "second_factor",
]


def create_app(desk: "Desk", settings: WebSettings) -> "FastAPI":
    """The web application of one office (see `api.app`)."""
    # Loaded only here: making an account must not load the web framework.
    from api.app import create_app as create

    return create(desk, settings)


def in_request() -> "Filter":
    """For the log's handlers: gives lines written during a request its id and its caller."""
    from api.request_log import InRequest

    return InRequest()
