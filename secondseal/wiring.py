"""Brings the rooms together: from settings to a desk. A room is loaded where it is asked for: the supervisor and
`secondseal verify` need none of those that keep state."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from secondseal.settings import Settings, SettingsError
from trust import (
    VIETNAMESE_HOSTS,
    Fetcher,
    NetworkPolicy,
    RevocationClient,
    TimestampClient,
    TrustList,
    TrustStore,
    WebhookPolicy,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from signer import Sources
    from stamping import Desk
    from templates import Catalogue
    from verifier import Sandbox


RECEIPT_PATIENCE_S: Final = 3.0


def now() -> datetime:
    """The service's one clock (UTC)."""
    return datetime.now(UTC)


def configured_store(settings: Settings) -> TrustStore:
    """The anchors and intermediates of the files the settings name, if they name any."""
    return TrustStore.load(settings.trust_anchors, settings.intermediates)


def trust_store(settings: Settings) -> TrustStore:
    """Everything relied on: the settings' files and the list of `secondseal trust`. Nothing becomes an anchor by
    accident. Raises `SettingsError` where there is no anchor at all."""
    return required(TrustList.load(settings.trust_list).store(configured_store(settings)))


def required(store: TrustStore) -> TrustStore:
    """`store`, which has an anchor. Raises `SettingsError`."""
    if not store.anchors:
        raise SettingsError(
            "No trust anchors: secondseal trust add FILE --as anchor, or set trust_anchors in secondseal.toml, "
            "SECONDSEAL_TRUST_ANCHORS, or --anchors (a PEM file or folder)."
        )
    return store


def network(settings: Settings) -> NetworkPolicy:
    """Which hosts may be asked for revocation and time."""
    return NetworkPolicy(
        allowed_hosts=frozenset(settings.allowed_hosts) or VIETNAMESE_HOSTS,
        allow_loopback=settings.allow_loopback,
        total_timeout_s=settings.authority_timeout_s,
    )


def webhook_policy(settings: Settings) -> WebhookPolicy:
    """Where events may be sent."""
    return WebhookPolicy(private_hosts=settings.webhook_hosts, allow_loopback=settings.allow_loopback)


def sources(settings: Settings, store: TrustStore, in_force: Callable[[], TrustStore] | None = None) -> "Sources":
    """Where signing gets proven time and revocation evidence. `in_force`: what time authorities are relied on when one
    has answered; where not given, those of `store`."""
    from signer import Sources

    policy = network(settings)
    fetcher = Fetcher(policy)
    revocation = RevocationClient(policy, fetcher=fetcher)
    time = None
    if settings.level != "B-B" and not settings.tsa_urls:
        raise SettingsError(f"Level {settings.level} needs a time-stamping authority: set tsa_urls in secondseal.toml.")
    if settings.tsa_urls:
        time = TimestampClient(settings.tsa_urls, in_force or store, policy, revocation, fetcher=fetcher)
    return Sources(time=time, revocation=revocation, store=store)


def receipt_sources(settings: Settings, in_force: Callable[[], TrustStore]) -> "Sources | None":
    """Where receipts get a time stamp: the same authorities, asked once and not for long; None where there are none."""
    from signer import Sources

    if not settings.tsa_urls:
        return None
    policy = replace(network(settings), total_timeout_s=RECEIPT_PATIENCE_S)
    return Sources(time=TimestampClient(settings.tsa_urls[:1], in_force, policy, rounds=1), store=in_force())


def open_existing(url: str) -> "Engine":
    """The service's database, for commands that only read. Raises `SettingsError` where there is none yet."""
    from store import applied_revision, open_database

    file = url.removeprefix("sqlite:///") if url.startswith("sqlite:///") else None
    if (file and not Path(file).is_file()) or applied_revision(engine := open_database(url)) is None:
        raise SettingsError(
            f"There is no register yet in {url.rpartition('@')[2]}: start the service once, or set SECONDSEAL_HOME."
        )
    return engine


def build_desk(
    settings: Settings,
    sandbox: "Sandbox",
    in_force: Callable[[], TrustStore] | None = None,
    papers: "Catalogue | None" = None,
) -> "Desk":
    """Everything a desk works with. The caller owns the sandbox and closes it.

    `in_force`: the authorities relied on at any moment, for a process that outlives a change of the list. `papers`: the
    office's, for a process that makes any; None, ours.
    """
    from secondseal.kept_files import kept_files
    from secondseal.office_key import highest_version, office_key, office_signer
    from signer import Level
    from stamping import Desk, OfficeInForce
    from store import open_database
    from templates import built_in
    from verifier import Policy

    store = trust_store(settings) if in_force is None else in_force()
    files = kept_files(settings)
    return Desk(
        engine=open_database(settings.database),
        files=files,
        # a pool of its own: the office is asked for from within other transactions
        office=OfficeInForce(open_database(settings.database), files, office_key(settings), highest_version(settings)),
        home=settings.home,
        store=store,
        sources=sources(settings, store, in_force),
        sandbox=sandbox,
        policy=Policy(),
        clock=now,
        public_url=settings.public_url,
        system=settings.system,
        level=Level.from_label(settings.level),
        sign_office=office_signer(settings),
        papers=papers or built_in(),
    )
