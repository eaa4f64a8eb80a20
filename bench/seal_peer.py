"""The peer: pyHanko as its documentation advises for speed (mark imported once, fixed room for the CMS)."""

import asyncio
import hashlib
import io
from collections.abc import Callable
from pathlib import Path

from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signer import Mark, SigningKey


class _Signer(signers.Signer):
    def __init__(self, key: SigningKey) -> None:
        self._key = key
        own, *chain = (asn1_x509.Certificate.load(c.public_bytes(Encoding.DER)) for c in (key.certificate, *key.chain))
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple(chain)
        super().__init__(signing_cert=own, cert_registry=store)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        return bytes(256) if dry_run else self._key.sign(hashlib.new(digest_algorithm, data).digest(), self._key.scheme)


def pyhanko_seal(pdf: bytes, field: str, mark: Mark, key: SigningKey, folder: Path) -> Callable[[], bytes]:
    """A call that seals `pdf` with pyHanko."""
    drawn = folder / "mark.pdf"
    drawn.write_bytes(mark.pdf)
    style = StaticStampStyle.from_pdf_file(str(drawn), border_width=0)
    metadata = signers.PdfSignatureMetadata(field_name=field, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    signer = signers.PdfSigner(metadata, signer=_Signer(key), stamp_style=style)

    def call() -> bytes:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        done = asyncio.run(signer.async_sign_pdf(writer, bytes_reserved=16_384))
        return bytes(done.getbuffer())

    return call
