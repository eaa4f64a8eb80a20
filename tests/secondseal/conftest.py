"""Fixtures of the rooms that this one brings together."""

from tests.stamping.office_desk import desk_with, sandbox, seal_key
from tests.store.databases import both
from tests.tokens.fixtures import farm

__all__ = ["both", "desk_with", "farm", "sandbox", "seal_key"]
