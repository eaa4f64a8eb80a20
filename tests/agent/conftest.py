"""The agent's tests: SoftHSM as the officer's token, a real HTTP server that speaks the protocol."""

from tests.agent.desk import desk
from tests.tokens.fixtures import farm

__all__ = ["desk", "farm"]
