"""Somebody else's signing program: pyHanko, which can certify (DocMDP) and lock fields. Only for tests."""

import asyncio
import io

from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.pki.software_key import SoftwareKey


class ForeignSigner(signers.Signer):
    """pyHanko's signer over one of our software keys."""

    def __init__(self, key: SoftwareKey) -> None:
        self._key = key
        store = SimpleCertificateStore()
        store.register_multiple(_asn1(c) for c in key.chain)
        super().__init__(signing_cert=_asn1(key.certificate), cert_registry=store)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if dry_run:
            return bytes(256)
        import hashlib

        return self._key.sign(hashlib.new(digest_algorithm, data).digest(), self._key.scheme)


def sign_elsewhere(
    pdf: bytes,
    key: SoftwareKey,
    *,
    field: str,
    certify: MDPPerm | None = None,
    lock: FieldMDPSpec | None = None,
    box: tuple[int, int, int, int] | None = None,
) -> bytes:
    """The PDF signed by pyHanko in `field` (made when absent)."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    metadata = signers.PdfSignatureMetadata(
        field_name=field,
        certify=certify is not None,
        docmdp_permissions=certify or MDPPerm.FILL_FORMS,
        subfilter=SigSeedSubFilter.PADES,
        md_algorithm="sha256",
    )
    made = None
    if box is not None or lock is not None:
        made = fields.SigFieldSpec(sig_field_name=field, box=box, field_mdp_spec=lock)
    signer = signers.PdfSigner(metadata, signer=ForeignSigner(key), new_field_spec=made)
    return bytes(asyncio.run(signer.async_sign_pdf(writer)).getbuffer())


def _asn1(certificate: object) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))  # type: ignore[attr-defined]
