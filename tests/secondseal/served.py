"""The service of a test's office as an operator runs it: `secondseal serve`, its worker, its pages."""

import json
import os
import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from hsm import HsmKey
from secondseal.demo.pki import Pki
from secondseal.settings import write_settings
from tests.ports import free_port
from tests.stamping.office_desk import SEAL, Place
from tests.supervised import Supervised, supervised
from tests.tokens.fixtures import USER_PIN


@dataclass(frozen=True)
class Served(Supervised):
    """A running service, and what it says of itself."""

    def ready(self, query: str = "") -> tuple[int, dict[str, Any]]:
        """Status and body of /readyz."""
        request = urllib.request.Request(f"{self.base}/readyz{query}")
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def metrics(self) -> dict[str, float]:
        """Every sample of /metrics by its name and labels."""
        with urllib.request.urlopen(f"{self.base}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return {name: float(value) for name, _, value in (x.rpartition(" ") for x in lines if not x.startswith("#"))}


def until(happened: Callable[[], bool], limit_s: float, what: str = "") -> float:
    """Wait for it; gives the seconds it took."""
    begun = time.monotonic()
    while not happened():
        assert time.monotonic() - begun < limit_s, f"not within {limit_s} s: {what}"
        time.sleep(0.05)
    return time.monotonic() - begun


def give_key(place: Place, key: HsmKey, module: Path, **changes: Any) -> None:
    """The seal's key, through another module than the one it was made with, in the office's file."""
    (place.desk.home / "seal.pem").write_bytes(key.certificate.public_bytes(Encoding.PEM))
    uri = replace(key.token.uri, module_path=str(module), **changes)
    given = re.search(rf'^id = "{SEAL}"\n(?:key = .*\ncertificate = .*\n)?', place.office_text, re.MULTILINE)
    assert given is not None
    place.rewrite_office((given[0], f'id = "{SEAL}"\nkey = "{uri}"\ncertificate = "seal.pem"\n'))


def give_settings(place: Place, pki: Pki, *, pin: str = USER_PIN, **values: Any) -> None:
    """`secondseal.toml` and the PIN's file, as an operator would write them."""
    home = place.desk.home
    file = home / "seal.pin"
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as opened:
        opened.write(pin)
    standing = {
        "database_url": f"sqlite:///{home / 'office.db'}",
        "public_url": place.desk.public_url,
        "trust_anchors": str(pki.anchors_pem),
        "intermediates": str(pki.intermediates_pem),
        "tsa_urls": [pki.tsa_url],
        "allowed_hosts": ["127.0.0.1"],
        "allow_loopback": True,
        "pin_file": "seal.pin",
    }
    write_settings(home, standing | values)


@contextmanager
def serving(place: Place) -> Iterator[Served]:
    """`secondseal serve` over the office's folder, once it answers."""
    tokens = {"SOFTHSM2_CONF": os.environ["SOFTHSM2_CONF"]}  # the office's settings do not name it
    with supervised(place.desk.home, free_port(), variables=tokens) as running:
        served = Served(running.base, running.log)
        until(lambda: _answers(served), 180, "/readyz")  # three programs start, perhaps on a busy machine
        yield served


def _answers(served: Served) -> bool:
    try:
        served.ready()
    except OSError:
        return False
    return True
