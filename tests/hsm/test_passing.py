"""Which errors may pass by themselves, so that a batch waits, and which a person must mend."""

import pytest

from hsm import (
    CertificateMismatch,
    DeviceFault,
    KeyMissing,
    ModuleMissing,
    PinLastTry,
    PinLocked,
    PinSourceInvalid,
    PinUnsettled,
    PinWrong,
    TokenAmbiguous,
    TokenError,
    TokenMissing,
    TokenUnsuitable,
    passes,
)


def _while_initialising(ckr: str) -> ModuleMissing:
    error = ModuleMissing("driver.so")
    error.__cause__ = DeviceFault(ckr, "C_Initialize")
    return error


@pytest.mark.parametrize(
    "error",
    [
        TokenMissing(),
        DeviceFault("CKR_DEVICE_ERROR", "C_Sign"),
        DeviceFault("CKR_SESSION_COUNT", "C_OpenSession"),
        DeviceFault("0x80000001", "C_Sign"),
        DeviceFault("CKR_SIGNATURE_INVALID", "C_Sign"),
        DeviceFault("CKR_DEVICE_REMOVED", "C_Login"),
        _while_initialising("CKR_DEVICE_ERROR"),
    ],
    ids=str,
)
def test_waiting_is_worth_it(error: TokenError) -> None:
    assert passes(error)


@pytest.mark.parametrize(
    "error",
    [
        PinWrong(2),
        PinLocked(),
        PinLastTry(),
        PinUnsettled(2),
        PinSourceInvalid("seal.pin", "not there"),
        CertificateMismatch(),
        KeyMissing(),
        TokenUnsuitable(),
        TokenAmbiguous(2),
        ModuleMissing("driver.so: no such file"),
        _while_initialising("CKR_FUNCTION_NOT_SUPPORTED"),
        DeviceFault("CKR_KEY_FUNCTION_NOT_PERMITTED", "C_SignInit"),
        # what only the driver knows may have cost a try of the PIN
        DeviceFault("CKR_FUNCTION_FAILED", "C_Login"),
        DeviceFault("0x80000001", "C_Login"),
    ],
    ids=str,
)
def test_a_person_must_act(error: TokenError) -> None:
    assert not passes(error)
