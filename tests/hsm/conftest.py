"""The hsm room's tests run against SoftHSM."""

from tests.tokens.fixtures import farm

__all__ = ["farm"]
