"""The interface by which people are known: somebody proves who they are, and what comes of it is a `Proven`.

Sessions and fresh authentication are built on this alone. `api.local_accounts` fulfils it with names, passwords and
codes of this service; a sign-in by the office's own identity provider (OpenID Connect) will fulfil it with what that
provider sends back, and leaves everything behind it as it is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, TypeVar

How = Literal["password", "password+code", "password+recovery-code"]
"""By what a person proved who they are; kept with the session."""

Given = TypeVar("Given")
Given_contra = TypeVar("Given_contra", contravariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """Who it is (`account`, a name of `api.accounts`), by what, and when: fresh is what is younger than it must be."""

    account: str
    how: How
    at: datetime


class SignInRefused(Exception):
    """What was given proves nobody (`wait` is None), or there were too many failures before (`wait`: how long)."""

    def __init__(self, wait: timedelta | None) -> None:
        super().__init__("sign-in refused")
        self.wait = wait

    @property
    def minutes(self) -> int:
        """Whole minutes to wait, at least one."""
        return max(1, -(-int((self.wait or timedelta()).total_seconds()) // 60))


class CodeNeeded(SignInRefused):
    """The password is right, and this account has a second factor, whose code was not given."""

    def __init__(self) -> None:
        super().__init__(None)


class Authority(Protocol[Given_contra]):
    """Whoever says who a person is, from what was `given`: a form that was filled in, an identity provider's answer."""

    def prove(self, given: Given_contra, *, address: str, now: datetime) -> Proven:
        """Raises `SignInRefused`. `address` is the caller's network address, for counting failures."""
        ...
