"""The officer's real signing program, with a token on SoftHSM whose certificate the loopback PKI issued."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from agent.batch import Batch, TokenChoice
from agent.listener import Jobs, Listener
from agent.page_messages import PROTOCOL, AgentInfo, Job
from agent.person import PersonAgreedBefore
from agent.service import Approval
from hsm import CeremonyPlan, KeyUri, PinValue, import_certificate, make_key, subject_name
from secondseal.demo.pki import Pki
from tests.stamping.office_desk import OFFICER_NAME, ORGANISATION_NAME
from tests.tokens.fixtures import USER_PIN, TokenFarm


@dataclass(frozen=True, kw_only=True)
class OfficerToken:
    """A token with the officer's key; `certificate` is what the office knows them by."""

    module: Path
    uri: KeyUri
    state: Path
    certificate: x509.Certificate


def officer_token(farm: TokenFarm, pki: Pki) -> OfficerToken:
    """Made by the key ceremony."""
    token, state = farm.token("thẻ ký"), farm.state()
    subject = subject_name({"common_name": OFFICER_NAME, "country": "VN"})
    plan = CeremonyPlan(uri=token.uri, label="khóa ký", algorithm="rsa-2048", subject=subject)
    record = make_key(plan, PinValue(USER_PIN), state=state)
    public_key = x509.load_pem_x509_csr(record.request_pem.encode()).public_key()
    certificate = pki.issue_person(
        "officer-on-token",
        OFFICER_NAME,
        public_key,  # type: ignore[arg-type]
        organisation=ORGANISATION_NAME,
    )
    import_certificate(token.uri, PinValue(USER_PIN), certificate, state=state)
    return OfficerToken(module=farm.module, uri=token.uri, state=state, certificate=certificate)


@contextmanager
def signing_program(token: OfficerToken, service: str, port: int) -> Iterator[None]:
    """It listens on the officer's computer and signs what the desk page hands it, until the block ends."""
    jobs, stop = Jobs(), threading.Event()
    info = AgentInfo(version="test", protocol=PROTOCOL, service=service, certificates=(), problem=None)
    listener = Listener(service=service, port=port, jobs=jobs, info=lambda: info, language="vi")
    choice = TokenChoice(module=token.module, token=token.uri, state=token.state)

    def sign(job: Job) -> None:
        approval = Approval(job.service, job.approval_id, job.ticket)
        batch = Batch(approval, choice, PersonAgreedBefore("vi", PinValue(USER_PIN)))
        jobs.follow(job.approval_id, lambda: batch.progress)
        batch.run()
        jobs.finished()

    def work() -> None:
        while not stop.is_set():
            job = jobs.next(0.1)
            if job is not None:
                sign(job)

    worker = threading.Thread(target=work)
    listener.start()
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join()
        listener.stop()
