"""The operator's list of authorities (danh sách tổ chức chứng thực tin cậy): which certificate was let in, by whom,
and until when it is relied on.

One line of JSON for each act, the oldest first; nothing is taken out of it. A certificate is on the list because a line
holds it, never because a file lies in a folder.
"""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self, get_args

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from trust.anchors import TrustStore
from trust.errors import AnchorsUnreadable
from trust.evidence import der_of

Kind = Literal["anchor", "intermediate"]
_FIELDS = {
    "add": {"act", "kind", "sha256", "subject", "certificate", "at", "by", "note"},
    "end": {"act", "sha256", "subject", "since", "at", "by", "note"},
    "resume": {"act", "sha256", "subject", "at", "by", "note"},
}


@dataclass(frozen=True, kw_only=True)
class Act:
    """One line: who (`by`, the system's user) did what to which certificate, when (UTC) and why (`note`).

    `certificate` and `kind` belong to "add", `since` (UTC, may lie ahead) to "end".
    """

    act: Literal["add", "end", "resume"]
    sha256: str
    subject: str
    at: datetime
    by: str
    note: str = ""
    certificate: x509.Certificate | None = None
    kind: Kind | None = None
    since: datetime | None = None

    def line(self) -> str:
        """The act as it stands in the file, with its line end."""
        values: dict[str, Any] = {"act": self.act, "sha256": self.sha256, "subject": self.subject}
        if self.certificate is not None:
            values |= {"kind": self.kind, "certificate": base64.b64encode(der_of(self.certificate)).decode("ascii")}
        if self.since is not None:
            values["since"] = _written(self.since)
        values |= {"at": _written(self.at), "by": self.by, "note": self.note}
        return json.dumps(values) + "\n"  # ASCII: no character of a note or a name ends a line


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One certificate that counts or counted. `added` is None where it stands in a file of the settings; `ending` is
    the act that ends it, None where there is none."""

    certificate: x509.Certificate
    kind: Kind
    added: Act | None = None
    ending: Act | None = None

    @property
    def sha256(self) -> str:
        """The fingerprint, lower-case hexadecimal."""
        return fingerprint(self.certificate)


@dataclass(frozen=True, kw_only=True)
class TrustList:
    """The acts of one file, in order. An empty list says nothing and ends nothing."""

    acts: tuple[Act, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the file; one that is not there is an empty list. Raises AnchorsUnreadable, naming the line."""
        try:
            lines = path.read_text("utf-8").removesuffix("\n").split("\n")
        except FileNotFoundError:
            return cls()
        except (OSError, UnicodeDecodeError) as error:
            raise AnchorsUnreadable(str(path), str(error)) from error
        acts = []
        for number, line in enumerate(lines if lines != [""] else [], start=1):
            try:
                acts.append(_act(json.loads(line)))
            except (ValueError, TypeError, KeyError) as error:
                raise AnchorsUnreadable(f"{path}, line {number}", f"{type(error).__name__}: {error}") from error
        return cls(acts=tuple(acts))

    def entries(self, configured: TrustStore) -> tuple[Listed, ...]:
        """Every certificate of the settings' files and of this list, anchors first, each once."""
        found: dict[str, Listed] = {}
        for certificate in configured.anchors:
            found[fingerprint(certificate)] = Listed(certificate=certificate, kind="anchor")
        for certificate in configured.intermediates:
            found.setdefault(fingerprint(certificate), Listed(certificate=certificate, kind="intermediate"))
        for act in self.acts:
            if act.act == "add" and act.certificate is not None and act.kind is not None:
                before = found.get(act.sha256)  # an anchor stays one, and an end stands until it is taken back
                kind = act.kind if before is None or act.kind == "anchor" else before.kind
                ending = None if before is None else before.ending
                found[act.sha256] = Listed(certificate=act.certificate, kind=kind, added=act, ending=ending)
            elif act.sha256 in found:
                ending = act if act.act == "end" else None
                found[act.sha256] = replace(found[act.sha256], ending=ending)
        return tuple(sorted(found.values(), key=lambda listed: listed.kind))

    def store(self, configured: TrustStore) -> TrustStore:
        """What judging relies on: the settings' files and this list together."""
        entries = self.entries(configured)
        return TrustStore(
            anchors=_of(entries, "anchor"),
            intermediates=_of(entries, "intermediate"),
            ended={
                listed.certificate: listed.ending.since
                for listed in entries
                if listed.ending is not None and listed.ending.since is not None
            },
        )


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the DER, lower-case hexadecimal."""
    return certificate.fingerprint(SHA256()).hex()


def _of(entries: Iterable[Listed], kind: Kind) -> tuple[x509.Certificate, ...]:
    return tuple(listed.certificate for listed in entries if listed.kind == kind)


def _act(values: Any) -> Act:
    act = values["act"]
    if act not in _FIELDS or set(values) != _FIELDS[act]:
        raise ValueError("not an act of this list")
    if not all(isinstance(value, str) for value in values.values()):
        raise ValueError("a value is no text")
    certificate: x509.Certificate | None = None
    if act == "add":
        certificate = x509.load_der_x509_certificate(base64.b64decode(values["certificate"], validate=True))
        if fingerprint(certificate) != values["sha256"]:
            raise ValueError("the certificate is not the one whose fingerprint was compared")
        if values["kind"] not in get_args(Kind):
            raise ValueError("neither anchor nor intermediate")
    return Act(
        act=act,
        sha256=values["sha256"],
        subject=values["subject"],
        at=_moment(values["at"]),
        by=values["by"],
        note=values["note"],
        certificate=certificate,
        kind=values.get("kind"),
        since=_moment(values["since"]) if act == "end" else None,
    )


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
