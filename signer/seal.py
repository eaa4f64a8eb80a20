"""The seal, and any signature made with a key at hand: eight numbered steps, exactly one key operation."""

from datetime import UTC, datetime

from .complete import SignedDocument, complete
from .errors import PreparedDamaged, SelfCheckFailed, SignerError, SourcesMissing, WrongSignature
from .evidence import check_signer
from .key import SigningKey
from .level import Level
from .order import Order
from .preflight import examine
from .prepare import prepare_source
from .prepared import PreparedSignature
from .source import open_source
from .sources import Sources


class SealUnfinished(SignerError):
    """The key has signed, but a time or evidence source failed: `complete(prepared, signature_value)` finishes it
    later.

    The failure itself is the `__cause__`. Nothing was released.
    """

    def __init__(self, prepared: PreparedSignature, signature_value: bytes, cause: Exception) -> None:
        vi = getattr(cause, "text_vi", "nguồn thời gian hoặc bằng chứng không trả lời")
        super().__init__(f"Đã ký nhưng chưa hoàn tất: {vi}", f"Signed but not finished: {cause}")
        self.prepared = prepared
        self.signature_value = signature_value


def seal(pdf: bytes, order: Order, key: SigningKey, sources: Sources | None = None) -> SignedDocument:
    """The sealed document at `order.level`.

    Raises what `preflight` and `prepare` raise before the key is used, the key's own errors, and `WrongSignature` or
    `SelfCheckFailed` after it. When a time or evidence source fails after the key operation, `SealUnfinished` carries
    the prepared state and the value: `complete` finishes them later without another key operation.
    """
    if order.level >= Level.B_T and (sources is None or sources.time is None):
        raise SourcesMissing(order.level, "time")
    with open_source(pdf) as source:
        inspected = examine(source, "signing")  # 1 preflight: the paper, and the certificate with its revocation state
        if order.level >= Level.B_LT and sources is not None:
            check_signer(key.certificate, key.chain, sources=sources, at=datetime.now(UTC))
        # 2 placement · 3 the mark, handed in with the order · 4 prepare
        prepared = prepare_source(source, inspected, order, key.certificate, key.chain, key.scheme)
    value = key.sign(prepared.digest, prepared.scheme)  # 5 the one key operation
    try:
        # 6 complete · 7 extend · 8 check our own work
        return complete(prepared, value, level=order.level, sources=sources)
    except (WrongSignature, SelfCheckFailed, PreparedDamaged):
        raise
    except Exception as error:
        raise SealUnfinished(prepared, value, error) from error
