"""What the desk page and the officer's program say to each other, by loopback HTTP (`agent serve`).

* `GET  /info`       -> `AgentInfo`; browsers send `Origin` with each
* `POST /jobs`       <- `Job` {"approval_id", "ticket", "service"}       -> 202 `JobProgress`
* `GET  /jobs/{id}`  -> `JobProgress`; `id` is the approval's id

`service` must equal the one base URL pinned in the agent's own settings, else 403. Problems are RFC 9457 JSON. What
program and service say: `agent.messages`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from .members import VISIBLE, Members, MessageInvalid, Problem

JobState = Literal["waiting", "preparing", "asking", "signing", "done", "failed"]
PROTOCOL = 1
"""Raised when a message changes its meaning; sent in `AgentInfo`."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """The desk page's request to the agent: sign this list."""

    approval_id: str
    ticket: str
    service: str
    """Base URL, scheme to port, without a path or a slash at the end."""

    def __repr__(self) -> str:
        return f"Job(approval_id={self.approval_id!r}, service={self.service!r}, ticket=...)"

    @classmethod
    def from_json(cls, value: object) -> "Job":
        members = Members(value)
        job = cls(
            approval_id=members.text("approval_id", 100),
            ticket=members.text("ticket", 500),
            service=members.text("service", 300),
        )
        members.end()
        if not VISIBLE.fullmatch(job.ticket):
            raise MessageInvalid("ticket", "not in visible ASCII")
        return job

    def as_json(self) -> dict[str, Any]:
        return {"approval_id": self.approval_id, "ticket": self.ticket, "service": self.service}


@dataclass(frozen=True, kw_only=True)
class SeenCertificate:
    """A certificate the agent can sign with, for the page to show."""

    sha256: str
    subject: str
    not_after: datetime
    token: str

    def as_json(self) -> dict[str, Any]:
        return {
            "sha256": self.sha256,
            "subject": self.subject,
            "not_after": self.not_after.isoformat(),
            "token": self.token,
        }


@dataclass(frozen=True, kw_only=True)
class AgentInfo:
    """Answer of `GET /info`."""

    version: str
    protocol: int
    service: str
    certificates: tuple[SeenCertificate, ...]
    problem: Problem | None
    """Why no token is seen, where that is so."""

    def as_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "protocol": self.protocol,
            "service": self.service,
            "certificates": [certificate.as_json() for certificate in self.certificates],
            "problem": self.problem.as_json() if self.problem else None,
        }


@dataclass(frozen=True, kw_only=True)
class JobProgress:
    """Answer of `GET /jobs/{id}`. `done` counts papers approved, `refused` those left with a problem of their own."""

    id: str
    state: JobState
    total: int
    done: int
    refused: int
    problem: Problem | None
    """What stopped the batch: the token, the PIN, the connection."""
    documents: tuple[tuple[str, Problem], ...] = ()
    """(document id, problem) of each refused paper."""

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "state": self.state,
            "total": self.total,
            "done": self.done,
            "refused": self.refused,
            "problem": self.problem.as_json() if self.problem else None,
            "documents": [{"id": document, "problem": problem.as_json()} for document, problem in self.documents],
        }
