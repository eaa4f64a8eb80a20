"""Judges that are not ours: pyHanko, poppler, OpenSSL, qpdf."""

import asyncio
import io
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import DocumentSecurityStore, async_validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext


def pyhanko(pdf: bytes, anchors: Sequence[Certificate]) -> dict[str, PdfSignatureStatus]:
    """The status of every ordinary signature, by field; strict reading, no network."""
    reader = PdfFileReader(io.BytesIO(pdf), strict=True)
    roots = [asn1_x509.Certificate.load(c.public_bytes(Encoding.DER)) for c in anchors]

    async def judge() -> dict[str, PdfSignatureStatus]:
        context = ValidationContext(trust_roots=roots, allow_fetching=False)
        return {
            signature.field_name: await async_validate_pdf_signature(signature, context, context)
            for signature in reader.embedded_regular_signatures
        }

    return asyncio.run(judge())


def pdfsig(pdf: bytes, folder: Path) -> str:
    """poppler's report."""
    path = folder / "pdfsig.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False).stdout


def qpdf_check(pdf: bytes, folder: Path) -> None:
    """Raises CalledProcessError on any error or warning."""
    path = folder / "qpdf.pdf"
    path.write_bytes(pdf)
    subprocess.run(["qpdf", "--check", path], capture_output=True, check=True)


def openssl_cms(pdf: bytes, field_index: int, anchors: Sequence[Certificate], folder: Path) -> str:
    """`openssl cms -verify` of the n-th signature in file order, over the extracted ranges. Its report; raises if
    bad."""
    found = list(re.finditer(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", pdf))[field_index]
    a, b, c, d = (int(n) for n in found.groups())
    (folder / "content.bin").write_bytes(pdf[a : a + b] + pdf[c : c + d])
    (folder / "cms.der").write_bytes(bytes.fromhex(pdf[a + b + 1 : c - 1].decode()))
    (folder / "anchors.pem").write_bytes(b"".join(x.public_bytes(Encoding.PEM) for x in anchors))
    done = subprocess.run(
        ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", folder / "cms.der", "-content", folder /
        "content.bin",
         "-CAfile", folder / "anchors.pem", "-purpose", "any", "-cades", "-out", folder / "out.bin"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stderr


def pyhanko_long_term(pdf: bytes, anchors: Sequence[Certificate]) -> dict[str, PdfSignatureStatus]:
    """As `pyhanko`, with the file's own revocation evidence required and nothing fetched."""
    reader = PdfFileReader(io.BytesIO(pdf), strict=True)
    roots = [asn1_x509.Certificate.load(c.public_bytes(Encoding.DER)) for c in anchors]

    async def judge() -> dict[str, PdfSignatureStatus]:
        store = DocumentSecurityStore.read_dss(reader)
        context = store.as_validation_context(
            {"trust_roots": roots, "allow_fetching": False, "revocation_mode": "require"}
        )
        return {
            signature.field_name: await async_validate_pdf_signature(signature, context, context)
            for signature in reader.embedded_regular_signatures
        }

    return asyncio.run(judge())
