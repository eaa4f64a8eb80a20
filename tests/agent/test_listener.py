"""What a page can and cannot make the agent do."""

import http.client
import json
import socket
import threading

import pytest

from agent.listener import BODY_MAX, Jobs, Listener
from agent.members import Problem
from agent.page_messages import AgentInfo, JobProgress
from agent.service import ServiceAddressInvalid, base_url

SERVICE = "https://motcua.example.gov.vn"
JOB = {"approval_id": "01J", "ticket": "v" * 43, "service": SERVICE}


@pytest.fixture
def listener():
    info = AgentInfo(
        version="1", protocol=1, service=SERVICE, certificates=(), problem=Problem(type="x", title="y", status=409)
    )
    made = Listener(service=SERVICE, port=0, jobs=Jobs(), info=lambda: info, language="vi")
    made.start()
    yield made
    made.stop()


def ask(listener, verb, path, body=None, **changed):
    """(status, headers, JSON or None); headers of an honest page unless `changed`."""
    headers = {
        "Host": f"127.0.0.1:{listener.port}",
        "Origin": SERVICE,
        "Content-Type": "application/json",
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }
    connection = http.client.HTTPConnection("127.0.0.1", listener.port, timeout=10)
    payload = json.dumps(body).encode() if isinstance(body, dict) else body
    connection.putrequest(verb, path, skip_host=True)
    for name, value in headers.items():
        if value is not None:
            connection.putheader(name, value)
    if payload is not None:
        connection.putheader("Content-Length", str(len(payload)))
    connection.endheaders(payload)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, json.loads(content) if content else None


def test_an_honest_page(listener):
    status, headers, info = ask(listener, "GET", "/info")
    assert status == 200
    assert info["service"] == SERVICE
    assert headers["Access-Control-Allow-Origin"] == SERVICE
    assert headers["Vary"] == "Origin"
    status, _, progress = ask(listener, "POST", "/jobs", JOB)
    assert status == 202
    assert progress["state"] == "waiting"
    assert ask(listener, "GET", "/jobs/01J")[2]["state"] == "waiting"
    assert ask(listener, "GET", "/jobs/other")[0] == 404
    job = listener.jobs.next(1)
    assert job.ticket == JOB["ticket"]
    assert JOB["ticket"] not in repr(job)
    assert JOB["ticket"] not in json.dumps(progress)


def test_one_job_at_a_time(listener):
    assert ask(listener, "POST", "/jobs", JOB)[0] == 202
    assert ask(listener, "POST", "/jobs", JOB)[0] == 409
    listener.jobs.next(1)
    assert ask(listener, "POST", "/jobs", JOB)[0] == 409
    done = JobProgress(id="01J", state="done", total=2, done=2, refused=0, problem=None)
    listener.jobs.follow("01J", lambda: done)
    listener.jobs.finished()
    assert ask(listener, "GET", "/jobs/01J")[2]["done"] == 2
    assert ask(listener, "POST", "/jobs", JOB)[0] == 202


@pytest.mark.parametrize(
    "changed",
    [
        {"Origin": None},
        {"Origin": "null"},
        {"Origin": "https://motcua.example.gov.vn.evil.example"},
        {"Origin": "http://motcua.example.gov.vn"},
        {"Origin": "https://motcua.example.gov.vn:444"},
        {"Host": "motcua.example.gov.vn"},
        {"Host": "evil.example:9471"},
        {"Host": None},
    ],
    ids=str,
)
@pytest.mark.parametrize(("verb", "path"), [("GET", "/info"), ("POST", "/jobs"), ("OPTIONS", "/jobs")])
def test_other_origins_and_names_are_refused(listener, verb, path, changed):
    """Another site's page, and a name made to point to this computer (DNS rebinding)."""
    status, headers, _ = ask(listener, verb, path, JOB if verb == "POST" else None, **changed)
    assert status in {400, 403}
    assert "Access-Control-Allow-Origin" not in headers
    assert listener.jobs.next(0) is None


def test_preflight(listener):
    status, headers, _ = ask(listener, "OPTIONS", "/jobs", Access_Control_Request_Private_Network="true")
    assert status == 204
    assert headers["Access-Control-Allow-Origin"] == SERVICE
    assert headers["Access-Control-Allow-Headers"] == "content-type"
    assert headers["Access-Control-Allow-Private-Network"] == "true"
    assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize(
    ("body", "changed", "expected"),
    [
        (JOB, {"Content-Type": "text/plain"}, 415),
        (JOB, {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b"{", {}, 422),
        (b"[]", {}, 422),
        (JOB | {"extra": 1}, {}, 422),
        (JOB | {"ticket": ""}, {}, 422),
        ({"approval_id": "1"}, {}, 422),
        (JOB | {"service": "https://evil.example"}, {}, 403),
        (JOB | {"service": SERVICE + "/"}, {}, 403),
        (b" " * (BODY_MAX + 1), {}, 413),
        (None, {}, 413),
    ],
)
def test_bodies_that_are_no_job(listener, body, changed, expected):
    assert ask(listener, "POST", "/jobs", body, **changed)[0] == expected
    assert ask(listener, "POST", "/elsewhere", JOB)[0] == 404
    assert listener.jobs.next(0) is None


def test_only_loopback_is_listened_on(listener):
    assert listener._server.server_address[0] == "127.0.0.1"
    assert listener._server.address_family == socket.AF_INET


def test_the_persons_thread_is_woken(listener):
    found = []
    thread = threading.Thread(target=lambda: found.append(listener.jobs.next(10)))
    thread.start()
    ask(listener, "POST", "/jobs", JOB)
    thread.join(5)
    assert found[0].approval_id == "01J"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.example", "https://a.example"),
        ("https://A.Example:443/", "https://a.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_service_address(text, expected):
    assert base_url(text) == expected


@pytest.mark.parametrize(
    "text",
    ["http://a.example", "ftp://a.example", "https://", "https://a.example/path", "https://u:p@a.example", "a.example",
     "https://a.example?x=1", "https://a.example:99999", "http://127.0.0.1.evil.example"],
)  # fmt: skip
def test_service_addresses_refused(text):
    with pytest.raises(ServiceAddressInvalid):
        base_url(text)
