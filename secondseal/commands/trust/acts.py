"""`secondseal trust add|end|resume`: one line more in the list, once the fingerprint was compared."""

import argparse
import contextlib
import fcntl
import getpass
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from secondseal.commands.trust.shown import certificate_lines
from secondseal.settings import Settings
from secondseal.wiring import configured_store, now
from store import VIETNAM
from trust import Act, Candidate, Listed, Told, TrustList, common_name, fingerprint
from verifier import in_zone

_AGAIN = (
    "Có hiệu lực trong vài giây, không cần khởi động lại. · It counts within seconds, without a restart "
    "(else /readyz and the journal say why)."
)


class Refused(Exception):
    """Nothing was written; each of `told` says why."""

    def __init__(self, *told: Told) -> None:
        super().__init__(told[0].en)
        self.told = told


def add(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The verbs that write."""
    adding = verbs.add_parser(
        "add",
        help="let an authority in, after its fingerprint was compared with what the authority publishes",
        epilog="Example: secondseal trust add rootca-g2.crt --as anchor --fingerprint F04BA4B4...",
    )
    adding.add_argument("file", type=Path, metavar="FILE", help="one certificate, PEM or DER")
    adding.add_argument("--as", dest="kind", required=True, choices=("anchor", "intermediate"))
    adding.add_argument(
        "--fingerprint", metavar="SHA256", help="as the authority publishes it; else it is asked for at the terminal"
    )
    adding.add_argument("--note", default="", help="where the fingerprint comes from, for those who read this later")
    adding.set_defaults(act=_add)
    ending = verbs.add_parser(
        "end",
        help="rely on a certificate no more from a moment on; what is proven to be older stays good",
        epilog="Example: secondseal trust end 75e969c0 --from 2030-03-05 --note 'G1 has ended'",
    )
    _which(ending)
    ending.add_argument(
        "--from",
        dest="since",
        type=_moment,
        metavar="WHEN",
        help="2030-03-05 or 2030-03-05T17:00 (Viet Nam); may lie in the past; default: now",
    )
    ending.set_defaults(act=_end)
    resuming = verbs.add_parser(
        "resume", help="take such an end back", epilog="Example: secondseal trust resume 75e969c0 --note 'a mistake'"
    )
    _which(resuming)
    resuming.set_defaults(act=_resume)


def _which(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("fingerprint", metavar="SHA256", help="the certificate's, or its first 8 digits or more")
    parser.add_argument("--note", required=True, help="why; it stays in the list")


def _add(options: argparse.Namespace, settings: Settings) -> int:
    certificate = _read(options.file)
    candidate = Candidate(certificate=certificate, kind=options.kind)
    for line in certificate_lines(certificate):
        print(line)
    refusals = candidate.refusals()
    if refusals:
        raise Refused(*refusals)
    for told in candidate.remarks(now()):
        print(f"! {told.vi}\n  {told.en}")
    typed = options.fingerprint
    if typed is None:
        typed = _ask()
    if re.sub(r"[\s:]", "", typed).lower() != fingerprint(certificate):
        raise Refused(
            Told(
                vi="Vân tay không khớp với chứng thư trong tệp: không ghi gì. Hãy lấy lại tệp và vân tay từ tổ chức "
                "chứng thực.",
                en="The fingerprint is not that of the certificate in the file: nothing was written. Get both from the "
                "authority again.",
            )
        )
    with _opened(settings) as (listed, write):
        there = next((one for one in listed if one.sha256 == fingerprint(certificate)), None)
        if there is not None and (there.ending is not None or there.kind in (options.kind, "anchor")):
            raise Refused(_there_already(there))
        write(_act("add", certificate, options.note, kind=options.kind))
    print(f"Đã ghi vào · Written to {settings.trust_list}. {_AGAIN}")
    return 0


def _there_already(listed: Listed) -> Told:
    if listed.ending is not None:
        return Told(
            vi="Chứng thư đã có và đã được cho kết thúc. Muốn dùng lại: secondseal trust resume.",
            en="The certificate is there, and was ended. To rely on it again: secondseal trust resume.",
        )
    return Told(
        vi=f"Chứng thư đã có: {listed.kind}. Gốc tin cậy thì không hạ xuống được.",
        en=f"The certificate is there already, as {listed.kind}. An anchor is not made less.",
    )


def _end(options: argparse.Namespace, settings: Settings) -> int:
    since = options.since or now().replace(microsecond=0)
    with _opened(settings) as (listed, write):
        one = _found(listed, options.fingerprint)
        if one.ending is not None and one.ending.since == since:
            raise Refused(Told(vi="Đã ghi như vậy rồi.", en="That stands there already."))
        write(_act("end", one.certificate, options.note, since=since))
    print(f"{common_name(one.certificate)}: đến · until {in_zone(since, VIETNAM):%Y-%m-%d %H:%M:%S %z}. {_AGAIN}")
    return 0


def _resume(options: argparse.Namespace, settings: Settings) -> int:
    with _opened(settings) as (listed, write):
        one = _found(listed, options.fingerprint)
        if one.ending is None:
            raise Refused(Told(vi="Chứng thư này không bị cho kết thúc.", en="This certificate was not ended."))
        write(_act("resume", one.certificate, options.note))
    print(f"{common_name(one.certificate)}: dùng lại · relied on again. {_AGAIN}")
    return 0


def _found(listed: tuple[Listed, ...], asked: str) -> Listed:
    digits = re.sub(r"[\s:]", "", asked).lower()
    if not re.fullmatch(r"[0-9a-f]{8,64}", digits):
        raise ValueError("a fingerprint is 64 hexadecimal digits; its first 8 or more will do")
    found = [one for one in listed if one.sha256.startswith(digits)]
    if len(found) != 1:
        raise Refused(
            Told(
                vi=f"{len(found)} chứng thư có vân tay bắt đầu như vậy; xem secondseal trust list.",
                en=f"{len(found)} certificates have such a fingerprint; see secondseal trust list.",
            )
        )
    return found[0]


class _Writer:
    """Adds one act to the list's file: all of it or nothing, mode 0644."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, act: Act) -> None:
        before = self._path.read_bytes() if self._path.exists() else b""
        if before and not before.endswith(b"\n"):
            before += b"\n"  # edited by hand; it was read as it stands
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(before + act.line().encode())
                file.flush()
                os.fchmod(file.fileno(), 0o644)  # the service's users read it, and none of them writes it
                os.fsync(file.fileno())
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextlib.contextmanager
def _opened(settings: Settings) -> Iterator[tuple[tuple[Listed, ...], _Writer]]:
    """What is listed now, and how to add to it; nobody else adds meanwhile."""
    path = settings.trust_list
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield TrustList.load(path).entries(configured_store(settings)), _Writer(path)
    finally:
        os.close(folder)


def _act(
    act: str, certificate: x509.Certificate, note: str, *, kind: str | None = None, since: datetime | None = None
) -> Act:
    return Act(
        act=act,  # type: ignore[arg-type]
        sha256=fingerprint(certificate),
        subject=certificate.subject.rfc4514_string(),
        at=now(),
        by=getpass.getuser(),
        note=note,
        certificate=certificate if kind else None,
        kind=kind,  # type: ignore[arg-type]
        since=since,
    )


def _ask() -> str:
    if not sys.stdin.isatty():
        raise Refused(
            Told(
                vi="Cần vân tay để đối chiếu: --fingerprint, lấy từ nơi tổ chức chứng thực công bố, không phải từ tệp "
                "này.",
                en="A fingerprint is needed to compare: --fingerprint, from where the authority publishes it, not from "
                "this file.",
            )
        )
    print("Gõ hoặc dán vân tay SHA-256 do tổ chức chứng thực công bố.")
    print("Type or paste the SHA-256 fingerprint the authority publishes.")
    return input("SHA-256: ")


def _read(file: Path) -> x509.Certificate:
    data = file.read_bytes()
    try:
        if b"-----BEGIN" not in data:
            return x509.load_der_x509_certificate(data)
        found = x509.load_pem_x509_certificates(data)
    except (ValueError, x509.InvalidVersion) as error:
        raise ValueError(f"{file}: không phải chứng thư · not a certificate ({error})") from error
    if len(found) != 1:
        raise ValueError(
            f"{file}: {len(found)} chứng thư; mỗi lần đưa vào một chứng thư · {len(found)} certificates; one at a time"
        )
    return found[0]


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise argparse.ArgumentTypeError(f"{text}: a day such as 2030-03-05, or with a time") from error
