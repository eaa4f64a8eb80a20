"""The seal's key as the passage sees it, whoever keeps it."""

from collections.abc import Callable
from typing import Protocol

from office import Seal
from signer import SigningKey
from stamping.refusal import Problem


class CountedKey(SigningKey, Protocol):
    """A key that says how often it was really used, so that the register says so too."""

    @property
    def operations(self) -> int:
        """Signatures made since it was opened, the failed ones included."""

    def reach(self) -> object:
        """Ask, without using it, whether the key answers now. Raises `KeyUnavailable`."""


Keys = Callable[[Seal], CountedKey]
"""Gives the key of a seal; raises `KeyUnavailable` when its token cannot be used."""


class KeyUnavailable(Exception):
    """The seal's key cannot be used now; `problem` says why and what to do.

    `passing`: it may come back by itself (an HSM that restarts, a token pulled out), so waiting is worth it. Otherwise
    a person must act first: a PIN, a certificate, a setting.
    """

    def __init__(self, problem: Problem, *, passing: bool = False) -> None:
        super().__init__(problem.text_en)
        self.problem = problem
        self.passing = passing


class KeyFailed(KeyUnavailable):
    """The key failed while a signature was under way: an entry was reserved and is closed as `failed`."""
