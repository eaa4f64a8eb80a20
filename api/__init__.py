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
    from pathlib import Path

    from fastapi import FastAPI

    from api.service import Relied
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
    "receipt_key_problem",
    "second_factor",
]


def create_app(desk: "Desk", settings: WebSettings, relied: "Relied | None" = None) -> "FastAPI":
    """The web application of one office (see `api.app`)."""
    # Loaded only here: making an account must not load the web framework.
    from api.app import create_app as create

    return create(desk, settings, relied)


def receipt_key_problem(path: "Path") -> str | None:
    """Why the key of receipts cannot be used, for the operator; None where it can, or where there is none yet. Raises
    PermissionError where this user may not read it."""
    from api.receipt_key import ReceiptKey, ReceiptKeyUnfit

    try:
        ReceiptKey.load(path)
    except ReceiptKeyUnfit as error:
        if isinstance(error.__cause__, PermissionError):
            raise error.__cause__ from None
        return str(error)
    return None


def in_request() -> "Filter":
    """For the log's handlers: gives lines written during a request its id and its caller."""
    from api.request_log import InRequest

    return InRequest()
