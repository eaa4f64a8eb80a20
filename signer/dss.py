"""The document security store (ISO 32000-2 clause 12.8.4.3): certificates, OCSP responses and CRLs beside the paper.

What is already there stays; each new piece is written once, and /VRI says which pieces belong to which signature.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import pikepdf

from trust import RevocationEvidence

from .append import Update, reference
from .errors import SelfCheckFailed, Unsealable
from .source import Source, open_source, reading

_ARRAYS = (("/Certs", "/Cert", "certificates"), ("/OCSPs", "/OCSP", "ocsp_responses"), ("/CRLs", "/CRL", "crls"))
"""Key in the store, key in /VRI, and the name in `RevocationEvidence`."""


@dataclass(kw_only=True)
class Store:
    """The file's store: `known` maps a piece's SHA-256 to its reference."""

    evidence: RevocationEvidence
    known: dict[bytes, bytes] = field(default_factory=dict)
    listed: dict[str, list[bytes]] = field(default_factory=dict)
    related: dict[str, bytes] = field(default_factory=dict)
    place: pikepdf.Object | None = None

    def relates(self, contents: bytes) -> bool:
        """Whether the file names evidence for the signature with this /Contents."""
        return _vri_key(contents) in self.related


def read_store(source: Source) -> Store:
    """What the file carries; an empty store where it has none."""
    found: dict[str, tuple[bytes, ...]] = {}
    store = Store(evidence=RevocationEvidence(), listed={key: [] for key, _, _ in _ARRAYS})
    place = source.pdf.Root.get("/DSS")
    if not isinstance(place, pikepdf.Dictionary):
        return store
    store.place = place
    for key, _, name in _ARRAYS:
        pieces = []
        for stream in place.get(key, []):
            if isinstance(stream, pikepdf.Stream):
                piece = stream.read_bytes()
                pieces.append(piece)
                store.known[hashlib.sha256(piece).digest()] = reference(stream)
                store.listed[key].append(reference(stream))
        found[name] = tuple(pieces)
    related = place.get("/VRI")
    if isinstance(related, pikepdf.Dictionary):
        for key, entry in related.items():
            if isinstance(entry, pikepdf.Object):
                store.related[str(key).removeprefix("/")] = reference(entry) if entry.is_indirect else entry.unparse()
    store.evidence = RevocationEvidence(**found)
    return store


def write_store(update: Update, store: Store, wanted: Mapping[bytes, RevocationEvidence]) -> None:
    """Adds the evidence of signatures, given by their /Contents. Nothing new: nothing is written."""
    new = False
    for contents, evidence in wanted.items():
        key = _vri_key(contents)
        entries = b""
        for store_key, vri_key, name in _ARRAYS:
            references = []
            for piece in getattr(evidence, name):
                digest = hashlib.sha256(piece).digest()
                if digest not in store.known:
                    number = update.add(b"<</Length %d>>stream\n%s\nendstream" % (len(piece), piece))
                    store.known[digest] = b"%d 0 R" % number
                    store.listed[store_key].append(store.known[digest])
                    new = True
                references.append(store.known[digest])
            if references:
                entries += vri_key.encode() + b"[" + b" ".join(references) + b"]"
        if key not in store.related:
            store.related[key] = b"%d 0 R" % update.add(b"<</Type/VRI" + entries + b">>")
            new = True
    if not new:
        return
    arrays = b"".join(key.encode() + b"[" + b" ".join(refs) + b"]" for key, refs in store.listed.items() if refs)
    vri = b"".join(b"/" + key.encode() + b" " + value for key, value in store.related.items())
    content = b"<</Type/DSS%s/VRI<<%s>>>>" % (arrays, vri)
    if store.place is not None and store.place.is_indirect:
        update.replace(store.place, content)
    else:
        update.in_root("/DSS", b"%d 0 R" % update.add(content))


def check_store(pdf: bytes, wanted: Mapping[bytes, RevocationEvidence]) -> None:
    """Reads the file again as written: every piece is there, and no reader has to repair. Raises `SelfCheckFailed`."""
    try:
        with open_source(pdf) as source, reading():
            store = read_store(source)
            for contents, evidence in wanted.items():
                pieces = (*evidence.certificates, *evidence.ocsp_responses, *evidence.crls)
                if not store.relates(contents) or any(hashlib.sha256(p).digest() not in store.known for p in pieces):
                    raise SelfCheckFailed("evidence is missing from the store")
    except Unsealable as error:
        raise SelfCheckFailed(error.detail) from error


def _vri_key(contents: bytes) -> str:
    # SHA-1 is what the standard calls the entry by; it protects nothing.
    return hashlib.sha1(contents, usedforsecurity=False).hexdigest().upper()
