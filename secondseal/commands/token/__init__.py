"""`secondseal token ...`: tokens and keys, their life from the ceremony to the certificate's end. One module a noun."""

import argparse
import os
import sys
from typing import Final

from hsm import HUNG, JwsInvalid, Overdue, PinLastTry, PinUnsettled, TokenError, Watch
from office import OfficeInvalid
from secondseal.commands.token import calendar, ceremony, doctor, logins, records, tokens, usage
from secondseal.settings import load_settings

_MAKING_S: Final = 600.0
"""A small token may think for minutes about a new RSA key."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Every module adds its verbs; each verb says which function carries it out (`act`)."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for noun in (tokens, doctor, ceremony, records, usage, calendar, logins):
        noun.add(verbs)


def run(options: argparse.Namespace) -> int:
    """Exit status 1 when the token refuses, with what to do."""
    settings = load_settings()
    if settings.softhsm2_conf is not None:
        os.environ["SOFTHSM2_CONF"] = str(settings.softhsm2_conf)
    limit = max(settings.key_call_limit_s, _MAKING_S) if options.verb == "ceremony" else settings.key_call_limit_s
    try:
        with Watch(limit, _leave):
            return int(options.act(options, settings))
    except TokenError as error:
        print(f"{error.text_vi}\n{error.text_en}\n({type(error).__name__}: {error})", file=sys.stderr)
        if isinstance(error, PinLastTry | PinUnsettled):
            print(
                "Sau khi kiểm tra mã PIN · After the PIN was checked: secondseal token forget-logins <token>",
                file=sys.stderr,
            )
    except OfficeInvalid as error:
        print(f"{error.text_vi}\n{error.text_en}", file=sys.stderr)
    except JwsInvalid as error:
        print(f"Không phải biên bản có chữ ký, hoặc tệp đã hỏng. · Not a signed record: {error}.", file=sys.stderr)
    except FileExistsError as error:
        print(f"{error.filename} đã có; không ghi đè. · It exists and is not overwritten.", file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: không đọc hoặc ghi được · cannot be used ({error.strerror})", file=sys.stderr)
    except ValueError as error:
        # a plan, a certificate or a name that cannot be read; the text says which
        print(f"secondseal token {options.verb}: {error}", file=sys.stderr)
    return 1


def _leave(late: Overdue) -> None:
    """The driver does not answer: nothing here can break the call off."""
    print(
        f"{late.module_path}: trình điều khiển không trả lời trong {late.seconds:.0f} giây. Kiểm tra HSM hoặc token "
        f"(nguồn, cáp, mạng), rút ra cắm lại.\n"
        f"{late}. Check the HSM or token (power, cable, network), plug it in again.",
        file=sys.stderr,
        flush=True,
    )
    os._exit(HUNG)
