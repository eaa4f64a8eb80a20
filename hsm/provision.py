"""A new token made ready for its user. For demo offices on SoftHSM, and for blank cards whose driver allows it.

`C_InitToken` erases what a token holds, so only a blank slot is ever touched. PINs travel inside the process: a
command line would show them to every user of the machine.
"""

from pathlib import Path

from .errors import DeviceFault, KeyExists, TokenMissing
from .faults import named
from .module import Module
from .pin import PinSource
from .tokens import TokenInfo, present


def init_token(module_path: str | Path, *, label: str, so_pin: PinSource, user_pin: PinSource) -> TokenInfo:
    """Initialise the first blank token of the module and set its user PIN. `label`: at most 32 bytes in UTF-8.

    Raises `KeyExists` where a token of this label is there already, `TokenMissing` where none is blank, `DeviceFault`.
    """
    name = label.encode("utf-8")
    if not 0 < len(name) <= 32:
        raise ValueError("a token's label has 1 to 32 bytes")
    module = Module.load(module_path)
    seen = present(module)
    if any(info.initialised and info.label == label for _, info in seen):
        raise KeyExists(label)
    blank = [info for _, info in seen if not info.initialised]
    if not blank:
        raise TokenMissing("no blank token")
    administrator = so_pin.read()
    with module.use():
        module.direct.init_token(blank[0].slot_id, administrator, name)
    for token, info in present(module):
        if info.initialised and info.label == label:
            with module.use(), named("C_InitPIN"):
                session = token.open(rw=True, so_pin=administrator.reveal().decode())
                try:
                    session.init_pin(user_pin.read().reveal().decode())
                finally:
                    session.close()
            return next(info for _, info in present(module) if info.label == label)
    raise DeviceFault("CKR_TOKEN_NOT_RECOGNIZED", "C_InitToken", "the new token is not seen")
