"""What the desk page reaches: a small HTTP server on this computer's loopback address alone.

A page of another site cannot use it: the `Origin` must be the pinned service's, the `Host` this listener's (a name that
was made to point here is refused), bodies must be JSON (so browsers ask first), and a job only ever names a list at the
pinned service. What is signed is fetched from there, checked, shown, and agreed to by the person.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from .members import MessageInvalid, Problem, decode, encode
from .page_messages import AgentInfo, Job, JobProgress
from .problems import own_problem
from .words import Language

BODY_MAX = 16 * 1024
_NOT_FOUND = Problem(type="urn:secondseal:problem:not-found", title="Not found", status=404)
_KEPT = 20
"""Finished jobs whose outcome can still be read."""


class Jobs:
    """The jobs of one run of the program: one at a time, taken by the thread that faces the person."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._waiting: Job | None = None
        self._busy = False
        self._progress: dict[str, Callable[[], JobProgress]] = {}
        self.ended: Problem | None = None
        """Why this program is about to end itself, if it is."""
        self.told = threading.Event()
        """A page has asked since, and was answered that."""

    def add(self, job: Job) -> JobProgress | None:
        """Queue it. None where a batch is under way, or the program is about to end."""
        with self._turn:
            if self._busy or self._waiting is not None or self.ended is not None:
                return None
            waiting = JobProgress(id=job.approval_id, state="waiting", total=0, done=0, refused=0, problem=None)
            self._keep(job.approval_id, lambda: waiting)
            self._waiting = job
            self._turn.notify_all()
            return waiting

    def next(self, timeout_s: float) -> Job | None:
        """The next job, for the person's thread; it is busy until `finished`."""
        with self._turn:
            if self._waiting is None:
                self._turn.wait(timeout_s)
            job, self._waiting = self._waiting, None
            self._busy = job is not None
            return job

    def follow(self, job: str, progress: Callable[[], JobProgress]) -> None:
        """Where to read this job's progress from now on."""
        with self._turn:
            self._keep(job, progress)

    def finished(self) -> None:
        """The person's thread is free again."""
        with self._turn:
            self._busy = False

    def progress(self, job: str) -> JobProgress | None:
        """Of a job of this run."""
        with self._turn:
            read = self._progress.get(job)
            if read is not None and self.ended is not None:
                self.told.set()
        return read() if read else None

    def end(self, problem: Problem) -> None:
        """The person's thread is lost inside the token's driver: what is not over has failed with this problem."""
        with self._turn:
            self.ended = problem
            for job, read in self._progress.items():
                last = read()
                if last.state not in {"done", "failed"}:
                    failed = replace(last, state="failed", problem=problem)
                    self._progress[job] = lambda failed=failed: failed  # type: ignore[misc]

    def _keep(self, job: str, progress: Callable[[], JobProgress]) -> None:
        self._progress.pop(job, None)
        self._progress[job] = progress
        while len(self._progress) > _KEPT:
            self._progress.pop(next(iter(self._progress)))


class Listener:
    """Serves on 127.0.0.1 from `start` to `stop`."""

    def __init__(
        self, *, service: str, port: int, jobs: Jobs, info: Callable[[], AgentInfo], language: Language
    ) -> None:
        """`service` is the pinned base URL, which is also the one origin answered. `port` 0 takes a free one."""
        self.service = service
        self.jobs = jobs
        self.info = info
        self.language = language
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.listener = self
        self._thread = threading.Thread(target=self._server.serve_forever, name="listener", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """In a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """No request is answered afterwards."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    listener: Listener


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "secondseal-agent"
    sys_version = ""
    timeout = 10

    def do_OPTIONS(self) -> None:
        """The browser asks before it sends JSON, and before it reaches from a public site to this computer."""
        if self._admitted():
            self.send_response(HTTPStatus.NO_CONTENT)
            self._cors()
            self.send_header("Access-Control-Allow-Methods", "GET, POST")
            self.send_header("Access-Control-Allow-Headers", "content-type")
            self.send_header("Access-Control-Max-Age", "600")
            if self.headers.get("Access-Control-Request-Private-Network") == "true":
                self.send_header("Access-Control-Allow-Private-Network", "true")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def do_GET(self) -> None:
        """`/info` and `/jobs/{id}`."""
        if not self._admitted():
            return
        if self.path == "/info":
            self._answer(HTTPStatus.OK, self.server.listener.info().as_json())
            return
        kind, _, name = self.path.lstrip("/").partition("/")
        progress = self.server.listener.jobs.progress(unquote(name)) if kind == "jobs" else None
        if progress is None:
            self._problem(_NOT_FOUND)
            return
        self._answer(HTTPStatus.OK, progress.as_json())

    def do_POST(self) -> None:
        """`/jobs`."""
        listener = self.server.listener
        job = self._job() if self._admitted() else None
        if job is None:
            return
        if job.service != listener.service:
            self._problem(own_problem(listener.language, "forbidden", "other-service", 403, service=listener.service))
            return
        progress = listener.jobs.add(job)
        if progress is None:
            self._problem(own_problem(listener.language, "agent-busy", "busy"))
            return
        self._answer(HTTPStatus.ACCEPTED, progress.as_json())

    def _job(self) -> Job | None:
        """The body of a POST; answers itself where it is none."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > BODY_MAX:
            self.close_connection = True
            self._problem(Problem(type="about:blank", title="Content too large, or its length not given", status=413))
            return None
        body = self.rfile.read(int(length))
        if self.path != "/jobs":
            self._problem(_NOT_FOUND)
        elif self.headers.get_content_type() != "application/json":
            self._problem(Problem(type="about:blank", title="application/json was expected", status=415))
        else:
            try:
                return Job.from_json(decode(body))
            except MessageInvalid as error:
                self._problem(Problem(type="about:blank", title=str(error), status=422))
        return None

    def _admitted(self) -> bool:
        """Host and Origin are the expected ones, each given once; else 403 and nothing more."""
        listener = self.server.listener
        hosts = {f"127.0.0.1:{listener.port}", f"localhost:{listener.port}"}
        host, origin = self.headers.get_all("Host", []), self.headers.get_all("Origin", [])
        if len(host) == 1 and host[0] in hosts and origin == [listener.service]:
            return True
        self.close_connection = True
        self.send_response(HTTPStatus.FORBIDDEN)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()
        return False

    def _cors(self) -> None:
        self.send_header("Access-Control-Allow-Origin", self.server.listener.service)
        self.send_header("Vary", "Origin")
        self.send_header("Cache-Control", "no-store")

    def _problem(self, problem: Problem) -> None:
        self._answer(problem.status, problem.as_json(), "application/problem+json")

    def _answer(self, status: int, body: dict[str, Any], kind: str = "application/json") -> None:
        payload = encode(body)
        self.send_response(status)
        self._cors()
        self.send_header("Content-Type", kind)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: the terminal belongs to the person."""
