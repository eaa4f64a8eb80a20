"""`secondseal serve`: the service, supervised."""

import argparse
import os
from pathlib import Path

from secondseal.logs import configure
from secondseal.serve import Child, own_command, supervise
from secondseal.settings import Settings, SettingsError, load_settings, log_form
from secondseal.wiring import trust_store


def arguments(parser: argparse.ArgumentParser) -> None:
    """--port, --demo."""
    parser.add_argument("--port", type=int, default=8000, help="port of the pages and the API on 127.0.0.1")
    parser.add_argument(
        "--demo",
        action="store_true",
        help="use (and at first make) the demo office in SECONDSEAL_HOME/demo-office: software tokens, a local PKI",
    )


def run(options: argparse.Namespace) -> int:
    """Run until ended; the web process, the seal worker and the courier are children."""
    environment = dict(os.environ)
    children: list[Child] = []
    if options.demo:
        from secondseal.demo.office import open_or_build
        from secondseal.demo.words import introduction

        home = Path(environment.get("SECONDSEAL_HOME", "var")).resolve() / "demo-office"
        office = open_or_build(home, port=options.port, say=lambda line: print(f"  {line}", flush=True))
        environment["SECONDSEAL_HOME"] = str(home)
        children.append(Child("pki", office.pki_command, environment))
        print(introduction(office, options.port), flush=True)
    else:
        # what cannot be used is said here, once, and nothing is started
        settings = load_settings(environment)
        trust_store(settings)
        if not settings.office.is_file() and not _founded(settings):
            raise SettingsError(
                f"There is no office's file {settings.office}. Set SECONDSEAL_HOME or office in secondseal.toml; "
                "for a trial: secondseal serve --demo"
            )
    configure(log_form(load_settings(environment), environment))
    secret = _taken_pin(environment)
    children += [
        Child("web", own_command("web", "--port", str(options.port)), environment),
        Child("worker", own_command("worker"), environment | secret),
        Child("courier", own_command("courier"), environment),
    ]
    return supervise(children)


def _founded(settings: Settings) -> bool:
    """Whether the register has an office. Asked late: the supervisor itself needs no room that keeps state."""
    from secondseal.institution import version_in_force

    return version_in_force(settings) is not None


def _taken_pin(environment: dict[str, str]) -> dict[str, str]:
    """The variable that holds the PIN (test offices), taken out of `environment` and this process: the worker's."""
    name = load_settings(environment).pin_variable
    if not name or name not in environment:
        return {}
    from hsm import take_variable

    take_variable(name)
    return {name: environment.pop(name)}
