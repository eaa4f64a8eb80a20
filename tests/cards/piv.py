"""A PIV card in memory: what NIST SP 800-73-4, part 2 (the card application's commands) asks of one, for signing.

It answers APDUs and knows nothing of readers. PIN and PUK have counters that lock, key slots have their PIN rules, the
signature key (9C) wants its PIN right before each use. Beside that it counts: how often a PIN was really sent is
something only the card can say.
"""

import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.cards.tlv import parse, tlv

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
PIN, PUK = "123456", "12345678"
TRIES = 3
ATR = bytes.fromhex("3B80800101")
"""T=0 and T=1 offered, no historical bytes."""
APPLICATION = bytes.fromhex("A000000308000010000100")
"""The PIV card application's full AID, version 1.0 (SP 800-73-4 part 1, 2.2)."""
MANAGEMENT_KEY = bytes.fromhex("010203040506070801020304050607080102030405060708")
"""The 3DES key cards are delivered with; vendors' tools know it."""

AUTHENTICATION, SIGNATURE, CARD_AUTHENTICATION = 0x9A, 0x9C, 0x9E
"""Key references (SP 800-73-4 part 1, table 4b). 9A: PIN once; 9C: PIN before each use; 9E: no PIN."""
CERTIFICATES = {0x9A: 0x5FC105, 0x9C: 0x5FC10A, 0x9D: 0x5FC10B, 0x9E: 0x5FC101}
CHUID = 0x5FC102
_RSA = {0x06: 1024, 0x07: 2048, 0x05: 3072}
_CURVES: dict[int, type[ec.EllipticCurve]] = {0x11: ec.SECP256R1, 0x14: ec.SECP384R1}
_FASC_N = bytes.fromhex("D4E739DA739CED39CE739D836858210842108421C84210C3EB")
"""Agency 9999: not a federal card; its identity is the GUID beside it."""


class Status(IntEnum):
    """Status words (SP 800-73-4 part 1, 5.6; ISO/IEC 7816-4)."""

    DONE = 0x9000
    NOT_SATISFIED = 0x6982
    BLOCKED = 0x6983
    WRONG_DATA = 0x6A80
    NOT_FOUND = 0x6A82
    WRONG_P1_P2 = 0x6A86
    REFERENCE_NOT_FOUND = 0x6A88
    UNKNOWN_INSTRUCTION = 0x6D00
    TRIES_LEFT = 0x63C0


class Refused(Exception):
    """The command ends with a status other than 9000."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status:04X}")
        self.status = status


@dataclass(kw_only=True)
class Secret:
    """A PIN or PUK with its counter."""

    value: str
    left: int = TRIES

    def check(self, given: bytes) -> None:
        """Counts down before it compares, as cards do. Raises `Refused`."""
        if not self.left:
            raise Refused(Status.BLOCKED)
        self.left -= 1
        if not secrets.compare_digest(given, self.value.encode().ljust(8, b"\xff")):
            raise Refused(Status.TRIES_LEFT + self.left if self.left else Status.BLOCKED)
        self.left = TRIES


@dataclass(kw_only=True)
class PivCard:
    """One card. What stands in its fields stays when it is pulled out; the rest is forgotten (`power`)."""

    guid: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    pin: Secret = field(default_factory=lambda: Secret(value=PIN))
    puk: Secret = field(default_factory=lambda: Secret(value=PUK))
    keys: dict[int, PrivateKey] = field(default_factory=dict)
    objects: dict[int, bytes] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    """verify (a PIN was sent), refused (it was wrong, or the card locked), unblock, sign."""
    before_signing: Callable[[], None] = lambda: None
    """Called by the card as it starts a signature: it may take its time."""

    def __post_init__(self) -> None:
        self.objects.setdefault(
            CHUID,
            tlv(0x30, _FASC_N) + tlv(0x34, self.guid) + tlv(0x35, b"20400101") + tlv(0x3E) + tlv(0xFE),
        )
        self.power()

    def install(self, slot: int, key: PrivateKey, certificate_der: bytes) -> None:
        """A key and its certificate, as an issuer's machine puts them on."""
        self.keys[slot] = key
        self.objects[CERTIFICATES[slot]] = tlv(0x70, certificate_der) + tlv(0x71, b"\0") + tlv(0xFE)

    def power(self) -> None:
        """Power on, off or reset: the PIN's and the administrator's standing are gone, as is what was under way."""
        self._selected = False
        self._verified = False
        self._fresh = False
        self._administrator = False
        self._witness = b""
        self._chained = b""
        self._pending = b""

    def answer(self, apdu: bytes) -> bytes:
        """The response APDU to a command APDU, short or extended, with command and response chaining."""
        cla, instruction, p1, p2 = apdu[:4]
        data, expected = _body(apdu[4:])
        if instruction == 0xC0:
            return self._next_part(expected)
        if cla & 0x10:
            self._chained += data
            return _word(Status.DONE)
        data, self._chained = self._chained + data, b""
        # "PIN always" holds for the very next command.
        self._fresh, fresh = False, self._fresh
        try:
            self._pending = self._command(instruction, p1, p2, data, fresh=fresh)
        except Refused as refusal:
            self._pending = b""
            return _word(refusal.status)
        except (ValueError, KeyError, IndexError):
            self._pending = b""
            return _word(Status.WRONG_DATA)
        return self._next_part(expected)

    def _next_part(self, expected: int) -> bytes:
        part, self._pending = self._pending[:expected], self._pending[expected:]
        return part + (_word(0x6100 + min(0xFF, len(self._pending))) if self._pending else _word(Status.DONE))

    def _command(self, instruction: int, p1: int, p2: int, data: bytes, *, fresh: bool) -> bytes:
        if instruction == 0xA4:
            return self._select(data)
        if not self._selected:
            raise Refused(Status.UNKNOWN_INSTRUCTION)
        match instruction:
            case 0xCB:
                return self._get_data(data)
            case 0x20:
                return self._verify(p1, p2, data)
            case 0x24:
                return self._change(p2, data)
            case 0x2C:
                return self._unblock(p2, data)
            case 0x87 if p2 == 0x9B:
                return self._authenticate_administrator(data)
            case 0x87:
                return self._sign(p1, p2, data, fresh=fresh)
            case 0x47:
                return self._generate(p2, data)
            case 0xDB:
                return self._put_data(data)
        raise Refused(Status.UNKNOWN_INSTRUCTION)

    def _select(self, data: bytes) -> bytes:
        """3.1.1. Chosen again, the application keeps its standing; another one is not on this card."""
        if len(data) < 5 or not APPLICATION.startswith(data):
            raise Refused(Status.NOT_FOUND)
        self._selected = True
        return tlv(0x61, tlv(0x4F, APPLICATION[5:]), tlv(0x79, tlv(0x4F, APPLICATION[:5])))

    def _get_data(self, data: bytes) -> bytes:
        """3.1.2."""
        found = self.objects.get(int.from_bytes(parse(data)[0x5C], "big"))
        if found is None:
            raise Refused(Status.NOT_FOUND)
        return tlv(0x53, found)

    def _verify(self, p1: int, p2: int, data: bytes) -> bytes:
        """3.2.1: with data the PIN is tried; without, its standing is told."""
        if p2 != 0x80:
            raise Refused(Status.REFERENCE_NOT_FOUND)
        if p1 == 0xFF:
            self._verified = False
            return b""
        if not data:
            if self._verified:
                return b""
            raise Refused(Status.TRIES_LEFT + self.pin.left if self.pin.left else Status.BLOCKED)
        self.counts["verify"] += 1
        self._verified = False
        try:
            self.pin.check(data)
        except Refused:
            self.counts["refused"] += 1
            raise
        self._verified = self._fresh = True
        return b""

    def _change(self, p2: int, data: bytes) -> bytes:
        """3.2.2: the PIN by the PIN, the PUK by the PUK."""
        try:
            secret = {0x80: self.pin, 0x81: self.puk}[p2]
        except KeyError:
            raise Refused(Status.REFERENCE_NOT_FOUND) from None
        secret.check(data[:8])
        secret.value = data[8:16].rstrip(b"\xff").decode("ascii")
        return b""

    def _unblock(self, p2: int, data: bytes) -> bytes:
        """3.2.3: RESET RETRY COUNTER, a new PIN by the PUK."""
        if p2 != 0x80:
            raise Refused(Status.REFERENCE_NOT_FOUND)
        self.puk.check(data[:8])
        self.pin.value = data[8:16].rstrip(b"\xff").decode("ascii")
        self.pin.left = TRIES
        self._verified = False
        self.counts["unblock"] += 1
        return b""

    def _authenticate_administrator(self, data: bytes) -> bytes:
        """3.2.4, mutual authentication (appendix A.1 of part 2): the card's witness, then the host's challenge."""
        template = parse(parse(data)[0x7C])
        cipher = Cipher(TripleDES(MANAGEMENT_KEY), modes.ECB())
        if template.get(0x80) == b"":
            self._witness = secrets.token_bytes(8)
            return tlv(0x7C, tlv(0x80, cipher.encryptor().update(self._witness)))
        witness, self._witness = self._witness, b""
        if not witness or template.get(0x80) != witness:
            raise Refused(Status.NOT_SATISFIED)
        self._administrator = True
        return tlv(0x7C, tlv(0x82, cipher.encryptor().update(template[0x81])))

    def _sign(self, algorithm: int, slot: int, data: bytes, *, fresh: bool) -> bytes:
        """3.2.4, internal authentication: the host has padded (RSA) or hashed (EC)."""
        key = self.keys.get(slot)
        if key is None:
            raise Refused(Status.REFERENCE_NOT_FOUND)
        if algorithm != _algorithm_of(key):
            raise Refused(Status.WRONG_P1_P2)
        if slot != CARD_AUTHENTICATION and not (fresh if slot == SIGNATURE else self._verified):
            raise Refused(Status.NOT_SATISFIED)
        given = parse(parse(data)[0x7C])[0x81]
        self.counts["sign"] += 1
        self.before_signing()
        return tlv(0x7C, tlv(0x82, _private_operation(key, given)))

    def _generate(self, slot: int, data: bytes) -> bytes:
        """3.3.2: for the administrator; the public key comes back."""
        if not self._administrator:
            raise Refused(Status.NOT_SATISFIED)
        algorithm = parse(parse(data)[0xAC])[0x80][0]
        if slot not in CERTIFICATES:
            raise Refused(Status.WRONG_P1_P2)
        if algorithm in _RSA:
            made = rsa.generate_private_key(65537, _RSA[algorithm])
            numbers = made.public_key().public_numbers()
            self.keys[slot] = made
            modulus = numbers.n.to_bytes(made.key_size // 8, "big")
            return tlv(0x7F49, tlv(0x81, modulus), tlv(0x82, numbers.e.to_bytes(3, "big")))
        curve_key = ec.generate_private_key(_CURVES[algorithm]())
        self.keys[slot] = curve_key
        point = curve_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return tlv(0x7F49, tlv(0x86, point))

    def _put_data(self, data: bytes) -> bytes:
        """3.3.1: for the administrator."""
        if not self._administrator:
            raise Refused(Status.NOT_SATISFIED)
        given = parse(data)
        self.objects[int.from_bytes(given[0x5C], "big")] = given[0x53]
        return b""


def _body(rest: bytes) -> tuple[bytes, int]:
    """Command data and the length expected of the answer (ISO/IEC 7816-4, 5.1)."""
    if not rest:
        return b"", 256
    if len(rest) == 1:
        return b"", rest[0] or 256
    if rest[0]:
        size = rest[0]
        return rest[1 : 1 + size], (rest[1 + size] or 256) if len(rest) > 1 + size else 256
    if len(rest) == 3:
        return b"", int.from_bytes(rest[1:3], "big") or 65536
    size = int.from_bytes(rest[1:3], "big")
    tail = rest[3 + size :]
    return rest[3 : 3 + size], (int.from_bytes(tail, "big") or 65536) if tail else 256


def _word(status: int) -> bytes:
    return int(status).to_bytes(2, "big")


def _algorithm_of(key: PrivateKey) -> int:
    if isinstance(key, rsa.RSAPrivateKey):
        return next(number for number, size in _RSA.items() if size == key.key_size)
    return next(number for number, curve in _CURVES.items() if isinstance(key.curve, curve))


def _private_operation(key: PrivateKey, given: bytes) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        kinds: dict[int, hashes.HashAlgorithm] = {32: hashes.SHA256(), 48: hashes.SHA384(), 20: hashes.SHA1()}
        return key.sign(given, ec.ECDSA(Prehashed(kinds[len(given)])))
    # Raw RSA by the Chinese remainder theorem: the library has no call that signs what was already padded.
    numbers, message = key.private_numbers(), int.from_bytes(given, "big")
    if message >= numbers.public_numbers.n:
        raise ValueError("longer than the modulus")
    one, two = pow(message, numbers.dmp1, numbers.p), pow(message, numbers.dmq1, numbers.q)
    result = two + numbers.q * ((numbers.iqmp * (one - two)) % numbers.p)
    return result.to_bytes(key.key_size // 8, "big")
