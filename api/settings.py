"""What the web process is told when it starts. It reads no environment itself."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from api.accounts import Role
from trust import WebhookPolicy

if TYPE_CHECKING:
    from signer import Sources

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """An account of a test office, shown on its sign-in page so that anybody can walk the five stages."""

    name: str
    password: str
    role_vi: str
    role_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """Addresses, limits and names of the pages.

    `public_url` is scheme to port, without a slash at the end; `https` makes the cookies secure. `office_vi` and
    `office_en` name who runs the service, `counter_vi` and `counter_en` where a citizen can ask in person.
    `second_factor_roles`: whoever has one of them does nothing before a second factor is set up.
    `public_statistics`: whether anyone may see /statistics.
    `webhook_key` is the file of the key webhooks' secrets are made of; without one none can be registered.
    `second_factor_key` is the file of the key second factors are encrypted with; without one none can be set up.
    `receipt_key` is the file of the key that receipts of verifications are signed with; without one there are none.
    `receipt_sources` gives them a time stamp, at once or not at all.
    `agent_port` is where the officer's signing program listens on the officer's own computer.
    """

    public_url: str
    office_vi: str
    office_en: str
    counter_vi: str = ""
    counter_en: str = ""
    test_office: bool = False
    public_statistics: bool = False
    demo_accounts: tuple[DemoAccount, ...] = ()
    agent_port: int = 9471
    second_factor_roles: frozenset[Role] = frozenset()
    max_file_bytes: int = 50 * MIB
    max_form_bytes: int = 2 * MIB
    verifications_at_once: int = 4
    previews_at_once: int = 2
    waiters_at_once: int = 8
    longest_wait_s: int = 60
    result_life: timedelta = timedelta(minutes=15)
    session_idle: timedelta = timedelta(minutes=30)
    session_life: timedelta = timedelta(hours=10)
    webhook_key: Path | None = None
    second_factor_key: Path | None = None
    receipt_key: Path | None = None
    receipt_sources: "Sources | None" = None
    webhook_policy: WebhookPolicy = field(default_factory=WebhookPolicy)

    @property
    def secure(self) -> bool:
        """Whether people reach this service over TLS."""
        return self.public_url.startswith("https://")

    @property
    def agent_origins(self) -> tuple[str, ...]:
        """Origins of the signing program: the only ones a desk page may reach beside its own."""
        return (f"http://127.0.0.1:{self.agent_port}", f"http://localhost:{self.agent_port}")
