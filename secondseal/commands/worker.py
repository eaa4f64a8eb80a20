"""`secondseal worker`: the seal worker alone."""

import argparse
import sys

from hsm import PinPrompt, PinSource, PinSourceInvalid, PinValue
from secondseal.logs import configure
from secondseal.serve import AFRESH
from secondseal.settings import Settings, SettingsError, load_settings, log_form
from secondseal.worker import WorkerRunning, run_worker


def arguments(parser: argparse.ArgumentParser) -> None:
    """--ask-pin; everything else is in the settings."""
    parser.add_argument(
        "--ask-pin",
        action="store_true",
        help="ask for the seals' PIN on this terminal and keep it in memory alone; then nothing can start the worker"
        " again by itself",
    )


def run(options: argparse.Namespace) -> int:
    """Serve until ended; exit status 75 asks for a fresh start."""
    settings = load_settings()
    configure(log_form(settings))
    try:
        asked = _ask(settings) if options.ask_pin else None
        return AFRESH if run_worker(settings, asked) else 0
    except WorkerRunning as error:
        print(f"secondseal worker: {error}", file=sys.stderr)
        return 1
    except PinSourceInvalid as error:
        print(f"{error.text_vi}\n{error.text_en} ({error})", file=sys.stderr)
        return 1


def _ask(settings: Settings) -> PinSource:
    """Once, before anything is started."""
    if settings.pin_file is not None or settings.pin_credential or settings.pin_variable:
        raise SettingsError(
            "--ask-pin beside pin_file, pin_credential or pin_variable: a PIN comes from one place. Remove the setting."
        )
    return PinValue(PinPrompt("Mã PIN của con dấu · The seal's PIN: ").read().reveal().decode())
