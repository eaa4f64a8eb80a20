"""The people at a ceremony: where a PIN comes from, and each witness signing in turn, also with one reader for all."""

import sys
from pathlib import Path

from hsm import (
    JwsSignature,
    KeyUri,
    PinFile,
    PinPrompt,
    PinSource,
    PinWrong,
    TokenMissing,
    Witness,
    pin_source,
    sign_as_witness,
)


def pin_of(uri: KeyUri, pin_file: Path | None, whose: str = "") -> PinSource:
    """`--pin-file`, else the URI's `pin-source`, else a question on the terminal."""
    if pin_file is not None:
        return PinFile(pin_file)
    if uri.pin_source is not None:
        return pin_source(uri)
    return PinPrompt(f"Mã PIN{f' của {whose}' if whose else ''} · PIN{f' of {whose}' if whose else ''}: ")


def sign_in_turn(payload: bytes, witness: Witness, state: Path, pin_file: Path | None = None) -> JwsSignature:
    """One witness's signature. At a terminal a missing token is asked for and a PIN may be typed anew."""
    there = sys.stdin.isatty()
    asked = pin_file is None and witness.uri.pin_source is None
    while True:
        try:
            return sign_as_witness(payload, witness, pin_of(witness.uri, pin_file, witness.name), state=state)
        except TokenMissing:
            if not there:
                raise
            input(
                f"Cắm token của {witness.name} rồi nhấn Enter. · "
                f"Plug in the token of {witness.name}, then press Enter. "
            )
        except PinWrong as error:
            # a person types each PIN; nothing is sent twice by itself
            if not there or not asked:
                raise
            print(f"{error.text_vi}\n{error.text_en}", file=sys.stderr)
