"""`secondseal-agent`: the officer's program. See `secondseal-agent --help`."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from hsm import HUNG, Overdue, PinFile, TokenError, Watch, installed

from .batch import Batch
from .listener import Jobs, Listener
from .members import MessageInvalid
from .page_messages import PROTOCOL, AgentInfo, Job
from .person import Person, PersonAgreedBefore, PersonAtTerminal
from .problems import BatchStopped, own_problem, problem_of, words_of
from .seats import Seat, find_seats
from .service import Approval
from .settings import Settings, SettingsInvalid, load
from .words import say

_EXIT_REFUSED, _EXIT_SETTINGS, _EXIT_INTERRUPTED = 1, 2, 130
_TO_BE_READ_S = 10.0
"""How long the page has, which asks every second, to read why the program ends."""
_ON_ITS_WAY_S = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 everything was signed, 1 not everything, 2 a setting is wrong, 70 the token's driver did not
    answer, 130 interrupted."""
    parsed = _parser().parse_args(arguments)
    try:
        settings = load(parsed.config, {name: getattr(parsed, name, None) for name in Settings.__dataclass_fields__})
        action: Callable[[Settings, argparse.Namespace], int] = parsed.action
        return action(settings, parsed)
    except SettingsInvalid as error:
        print(f"secondseal-agent: {error}", file=sys.stderr)
        return _EXIT_SETTINGS
    except (KeyboardInterrupt, EOFError):
        print(file=sys.stderr)
        return _EXIT_INTERRUPTED


def _tokens(settings: Settings, _: argparse.Namespace) -> int:
    """Certificates the officer can sign with; without a driver set, the drivers found."""
    if settings.module is None:
        print(say(settings.language, "hints"))
        for driver in installed():
            print(f"  {driver.path}  ({driver.issuer})")
        return _EXIT_REFUSED
    try:
        with _watch(settings):
            seats = find_seats(settings.module, settings.choice.token)
    except TokenError as error:
        print(words_of(problem_of(error, settings.language)), file=sys.stderr)
        return _EXIT_REFUSED
    for seat in seats:
        until = f"{seat.certificate.not_valid_after_utc:%d/%m/%Y}"
        print(say(settings.language, "certificate", subject=seat.name, until=until, token=seat.token.label))
        print(f"  {seat.sha256.hex()}")
    if not seats:
        print(say(settings.language, "no-certificate"))
    return 0 if seats else _EXIT_REFUSED


def _sign(settings: Settings, parsed: argparse.Namespace) -> int:
    """One list, named on the command line."""
    named = {"approval_id": parsed.approval, "ticket": _ticket(parsed.ticket_file), "service": settings.pinned_service}
    try:
        job = Job.from_json(named)
    except MessageInvalid as error:
        raise SettingsInvalid(str(error)) from error
    with _watch(settings):
        progress = _batch(settings, parsed, job).run()
    return 0 if progress.state == "done" and progress.done == progress.total else _EXIT_REFUSED


def _serve(settings: Settings, parsed: argparse.Namespace) -> int:
    """Wait for the desk page's jobs until interrupted; this thread faces the person."""
    jobs = Jobs()
    listener = Listener(
        service=settings.pinned_service,
        port=settings.port,
        jobs=jobs,
        info=lambda: _info(settings, jobs),
        language=settings.language,
    )
    settings.choice  # noqa: B018  a missing driver shows now, not at the first job
    listener.start()
    watch = _watch(settings, jobs).start()
    print(say(settings.language, "waiting", service=listener.service, port=listener.port), flush=True)
    try:
        while True:
            job = jobs.next(1.0)
            if job is not None:
                batch = _batch(settings, parsed, job)
                jobs.follow(job.approval_id, lambda batch=batch: batch.progress)  # type: ignore[misc]
                try:
                    batch.run()
                except (EOFError, KeyboardInterrupt):
                    batch.stop(own_problem(settings.language, "cancelled", "cancelled"))
                finally:
                    jobs.finished()
    finally:
        watch.stop()
        listener.stop()


def _watch(settings: Settings, jobs: Jobs | None = None) -> Watch:
    """Ends this program, in words, where the token's driver does not answer: nothing can break such a call off."""

    def leave(late: Overdue) -> None:
        problem = own_problem(settings.language, "token-fault", "driver-silent", seconds=f"{late.seconds:.0f}")
        print(words_of(problem), file=sys.stderr, flush=True)
        if jobs is not None:
            jobs.end(problem)
            jobs.told.wait(_TO_BE_READ_S)
            time.sleep(_ON_ITS_WAY_S)
        os._exit(HUNG)

    return Watch(settings.key_call_limit_s, leave)


def _batch(settings: Settings, parsed: argparse.Namespace, job: Job) -> Batch:
    person: Person = PersonAtTerminal(settings.language)
    if parsed.yes:
        if parsed.pin_file is None:
            raise SettingsInvalid("--yes needs --pin-file: nobody is there to type the PIN")
        pin = PinFile(parsed.pin_file)
        person = PersonAgreedBefore(settings.language, pin, unnamed=parsed.unnamed_attachments)
    elif parsed.unnamed_attachments:
        raise SettingsInvalid("--unnamed-attachments goes with --yes: without it the person is asked")
    approval = Approval(job.service, job.approval_id, job.ticket)
    return Batch(approval, settings.choice, person, settings.language)


def _info(settings: Settings, jobs: Jobs) -> AgentInfo:
    seats: tuple[Seat, ...] = ()
    problem = jobs.ended
    try:
        if problem is None:
            seats = find_seats(settings.choice.module, settings.choice.token)
        else:
            jobs.told.set()
    except (TokenError, BatchStopped) as error:
        problem = problem_of(error, settings.language)
    if not seats and problem is None:
        problem = own_problem(settings.language, "token-missing", "no-certificate")
    return AgentInfo(
        version=_version(),
        protocol=PROTOCOL,
        service=settings.pinned_service,
        certificates=tuple(seat.seen() for seat in seats),
        problem=problem,
    )


def _ticket(path: Path) -> str:
    """The ticket is a secret: it comes in a file or on the standard input, never in the list of processes."""
    try:
        text = sys.stdin.readline() if str(path) == "-" else path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"--ticket-file: {error}") from error
    return text.strip()


def _version() -> str:
    try:
        return version("secondseal")
    except PackageNotFoundError:
        return "0"


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", type=Path, metavar="FILE", help="settings (default ~/.secondseal-agent/agent.toml)")
    common.add_argument("--module", metavar="PATH", help="the token's PKCS#11 driver")
    common.add_argument("--token", metavar="LABEL", help="the token's label, where several are plugged in")
    common.add_argument("--serial", metavar="NUMBER", help="the token's serial number")
    common.add_argument("--certificate", metavar="SHA256", help="the certificate to sign with, where there are several")
    common.add_argument("--state", metavar="DIR", help="where failed logins are counted")
    common.add_argument("--lang", dest="language", choices=("vi", "en"), help="language of the messages")

    signing = argparse.ArgumentParser(add_help=False)
    signing.add_argument("--service", metavar="URL", help="the one service this program works with")
    signing.add_argument("--yes", action="store_true", help="sign without asking (needs --pin-file)")
    signing.add_argument(
        "--unnamed-attachments",
        action="store_true",
        help="with --yes: also papers whose attachments the service does not name (otherwise nothing is signed)",
    )
    signing.add_argument("--pin-file", type=Path, metavar="FILE", help="the PIN, in a file of mode 0600 (with --yes)")

    parser = argparse.ArgumentParser(
        prog="secondseal-agent",
        description="The officer's signing program: shows the papers, asks for the PIN, signs with the USB token.",
    )
    actions = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, action: Callable[..., int], purpose: str, example: str, *parents: argparse.ArgumentParser
    ) -> argparse.ArgumentParser:
        made = actions.add_parser(
            name,
            help=purpose,
            description=purpose,
            epilog=f"Example:\n  secondseal-agent {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            parents=[common, *parents],
        )
        made.set_defaults(action=action)
        return made

    serve = command(
        "serve",
        _serve,
        "wait for the signing page and sign what the officer agrees to",
        "serve --service https://motcua.example.gov.vn --module /usr/lib/bit4id/libbit4xpki.so",
        signing,
    )
    serve.add_argument("--port", type=int, help="port on 127.0.0.1 (default 9471)")
    sign = command(
        "sign",
        _sign,
        "sign one list of papers from the command line",
        "sign --service https://motcua.example.gov.vn --approval 01J9Z --ticket-file ticket.txt",
        signing,
    )
    sign.add_argument("--approval", required=True, metavar="ID", help="the list's id")
    sign.add_argument("--ticket-file", required=True, type=Path, metavar="FILE", help='the list\'s ticket ("-": stdin)')
    command(
        "tokens",
        _tokens,
        "show the certificates on the tokens plugged in",
        "tokens --module /usr/lib/bit4id/libbit4xpki.so",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
