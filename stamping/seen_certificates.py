"""Certificates the stage has met, for whoever must know when they end. Reads only."""

from cryptography import x509
from sqlalchemy import Connection, select

from stamping.tables import approvals, documents, judgements


def officer_certificate(connection: Connection, sha256: str) -> x509.Certificate | None:
    """An officer's certificate by the fingerprint the office's file names; None until it was used here."""
    for table in (approvals, judgements):
        found = connection.execute(
            select(table.c.certificate)
            .where(table.c.certificate_sha256 == sha256, table.c.certificate.is_not(None))
            .limit(1)
        ).scalar_one_or_none()
        if found is not None:
            return x509.load_der_x509_certificate(found)
    return None


def newest_sealed(connection: Connection) -> str | None:
    """The SHA-256 of the file sealed last."""
    return connection.execute(
        select(documents.c.sealed_sha256)
        .where(documents.c.sealed_sha256.is_not(None))
        .order_by(documents.c.sealed_at.desc())
        .limit(1)
    ).scalar_one_or_none()
