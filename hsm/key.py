"""A private key on a token, with one verb."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from cryptography import x509

from .errors import DeviceFault, TokenMissing, TokenUnsuitable, UriInvalid
from .faults import Rung, named
from .foreign_certificates import signing_key
from .ledger import LoginLedger
from .login import confirm_login, ensure_login
from .mechanisms import Scheme, Way, natural_scheme
from .module import Module
from .objects import View, find_private_key, refuse_anothers
from .pin import PinSource
from .recovery import Ladder, Recovery, SessionVoid
from .sessions import KeySession, SessionPool, end
from .tokens import TokenInfo, find
from .uri import KeyUri

logger = logging.getLogger("hsm")

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")

OPENING: Final = Recovery(budget_s=0.5)
"""For the first session: a driver may have been loaded before its HSM answered and must be asked anew (p11-kit)."""


class HsmKey:
    """The private key of `certificate`, on a token. Safe to use from several threads; made by `open_key`."""

    def __init__(
        self,
        *,
        module: Module,
        uri: KeyUri,
        pin: PinSource,
        ledger: LoginLedger,
        certificate: x509.Certificate,
        chain: Iterable[x509.Certificate],
        scheme: Scheme | None,
        sessions: int,
        recovery: Recovery,
        opening: Recovery,
        allow_last_try: bool,
        require_non_extractable: bool,
    ) -> None:
        self.certificate = certificate
        self.chain = tuple(chain)
        self._public_key = signing_key(certificate)
        self.scheme: Scheme = scheme or natural_scheme(self._public_key)
        self._ways = {self.scheme: Way(self._public_key, self.scheme)}
        self.recoveries: Counter[Rung] = Counter()
        """Rungs taken since the key was opened, for metrics."""
        self._module, self._direct = module, module.direct
        self._uri = uri
        self._pin = pin
        self._ledger = ledger
        self._recovery = recovery
        self._allow_last_try = allow_last_try
        self._proven = False
        self._located: tuple[int, Any, TokenInfo] | None = None
        self._counting = threading.Lock()
        self._operations = 0
        self._name = f"key {uri.object or ''} on token {uri.token or uri.serial or ''}".replace("  ", " ").strip()
        self._pool = SessionPool(sessions if module.concurrent else 1, self._open_session, module=module)
        # Logged in and found once before the key is handed out: a wrong PIN or certificate shows here.
        stays_inside = self._climbing(lambda first: first.key.stays_inside, _as_it_is, opening)
        if require_non_extractable and not stays_inside:
            self.close()
            raise TokenUnsuitable("the key may leave its token: not sensitive, or extractable")

    @property
    def operations(self) -> int:
        """`C_Sign` calls really made, the failed ones included."""
        return self._operations

    @property
    def token(self) -> TokenInfo:
        """The token the key was found on, as it described itself then."""
        if self._located is None:
            return find(self._module, self._uri)[1]
        return self._located[2]

    def sign(self, digest: bytes, scheme: Scheme | None = None) -> bytes:
        """Sign a hash value (SHA-256: 32 bytes, SHA-384: 48). RSA: the modulus-long value; ECDSA: DER Ecdsa-Sig-Value.

        The signature was verified with the certificate's public key before it is returned. Token faults are recovered
        from within the bounds of `Recovery`; then they are raised, typed. Raises `TokenError`s.
        """
        chosen = scheme or self.scheme
        way = self._ways.get(chosen)
        if way is None:
            way = self._ways[chosen] = Way(self._public_key, chosen)
        return self._climbing(self._sign_once, partial(way.checked, digest), self._recovery, way, way.data(digest))

    def reach(self, recovery: Recovery | None = None) -> None:
        """Ask whether the key answers now, without using it: a session, its login, the key found, once around.

        Recovers as `sign` does, within `recovery` where one is given. Raises `TokenError`s.
        """
        self._climbing(self._ask, _as_it_is, recovery or self._recovery)

    def close(self) -> None:
        """Close the sessions; with the process's last one on the token the login ends."""
        self._pool.close()

    def __enter__(self) -> "HsmKey":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<HsmKey {self.certificate.subject.rfc4514_string()} on {self._uri}>"

    def _climbing(
        self,
        act: Callable[Concatenate[KeySession, P], T],
        check: Callable[[T], R],
        recovery: Recovery,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """`act` on a session; `check` afterwards, while the session may serve others. Both are repeated on faults."""
        ladder, began = None, monotonic()
        while True:
            generation = self._module.generation
            try:
                with self._pool.lend() as lent:
                    result = act(lent, *args, **kwargs)
                return check(result)
            except (DeviceFault, TokenMissing) as error:
                ladder = ladder or Ladder(recovery, self._name, since=began)
                self._recover(ladder.climb(error), generation)

    def _ask(self, lent: KeySession) -> None:
        with self._module.use() as generation:
            if generation != lent.generation:
                raise SessionVoid
            if not self._module.direct.logged_in(lent.handle):
                raise DeviceFault("CKR_USER_NOT_LOGGED_IN", "C_GetSessionInfo")

    def _sign_once(self, lent: KeySession, way: Way, data: bytes) -> bytes:
        with self._module.use() as generation:
            if generation != lent.generation:
                raise SessionVoid
            direct, key = self._direct, lent.key
            if key.always_authenticate:
                direct.sign_init(lent.handle, *way.mechanism.asked, key.handle)
                confirm_login(self._module, self.token, lent.handle, self._pin, self._ledger)
                self._count()
                return direct.sign(lent.handle, data)
            try:
                raw = direct.sign_at_once(lent.handle, way.mechanism.asked, key.handle, data)
            except DeviceFault as fault:
                if fault.call == "C_Sign":
                    self._count()
                raise
            with self._counting:
                self._operations += 1
            return raw

    def _count(self) -> None:
        with self._counting:
            self._operations += 1

    def _open_session(self) -> KeySession:
        with self._module.use() as generation:
            token, info = self._locate(generation)
            with named("C_OpenSession"):
                session = token.open()
            view = View(direct=self._module.direct, session=int(session.handle))
            try:
                if not (self._proven or self._uri.serial):
                    refuse_anothers(view, self._public_key)
                # Consent covers one login, the first, whatever comes of it.
                consent, self._allow_last_try = self._allow_last_try, False
                ensure_login(self._module, info, view.session, self._pin, self._ledger, allow_last_try=consent)
                key = find_private_key(view, self._public_key, key_id=self._uri.id)
                self._proven = True
            except BaseException:
                end(session)
                raise
            return KeySession(module=self._module, generation=generation, session=session, key=key)

    def _locate(self, generation: int) -> tuple[Any, TokenInfo]:
        if self._located is None or self._located[0] != generation:
            # Once found, the token is known by its serial: a PIN is never sent to another one of the same name.
            uri = self._uri if self._located is None else self._located[2].uri
            token, info = find(self._module, uri)
            self._located = (generation, token, info)
        return self._located[1], self._located[2]

    def _recover(self, rung: Rung, seen: int) -> None:
        self.recoveries[rung] += 1
        # What made one session invalid has mostly done so to all.
        self._pool.clear(lent=rung >= Rung.LOGIN)
        if rung >= Rung.RESCAN and self._located is not None:
            self._located = (0, self._located[1], self._located[2])
        if rung >= Rung.REINITIALISE:
            try:
                self._module.reinitialise(seen)
            except DeviceFault as fault:
                logger.warning("the module cannot be initialised yet: %s", fault)


def _as_it_is(result: T) -> T:
    return result


def open_key(
    uri: KeyUri,
    pin: PinSource,
    *,
    certificate: x509.Certificate,
    state: Path,
    chain: Iterable[x509.Certificate] = (),
    scheme: Scheme | None = None,
    sessions: int = 2,
    recovery: Recovery | None = None,
    opening: Recovery = OPENING,
    allow_last_try: bool = False,
    require_non_extractable: bool = True,
) -> HsmKey:
    """Load the module, log in once, find the key of `certificate`.

    `uri` must name the module (`module-path`) and the token; `state` is the folder where failed logins are counted;
    `chain` holds the issuers, nearest first; `scheme` defaults to PKCS#1 v1.5 or ECDSA by the key; `recovery` bounds
    how long a token's faults are worked on, `opening` the same for the first session; `allow_last_try` is a person's
    consent to use the PIN's last try; `require_non_extractable` refuses a key whose token does not say that it stays
    inside (NĐ 30, điều 32: the seal's key). Raises `TokenError`s.
    """
    if uri.module_path is None:
        raise UriInvalid("the URI names no module-path")
    return HsmKey(
        module=Module.load(uri.module_path),
        uri=uri,
        pin=pin,
        ledger=LoginLedger(state),
        certificate=certificate,
        chain=chain,
        scheme=scheme,
        sessions=sessions,
        recovery=recovery or Recovery(),
        opening=opening,
        allow_last_try=allow_last_try,
        require_non_extractable=require_non_extractable,
    )
