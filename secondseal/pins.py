"""Which source gives the PIN of which seal: the key's own address says so, else the settings do."""

from hsm import KeyUri, PinCredential, PinFile, PinSource, PinSourceInvalid, PinVariable, pin_source
from secondseal.settings import Settings


class Pins:
    """The PIN sources of one process. Make it before any other process is started.

    A PIN in a variable is taken out of the environment here, so that no child is given it. `asked` is one a person
    typed when the process started; it takes the place of the settings' sources.
    """

    def __init__(self, settings: Settings, asked: PinSource | None = None) -> None:
        self._settings = settings
        self._asked = asked
        self._variable: PinVariable | None = None
        self._absent: PinSourceInvalid | None = None
        if settings.pin_variable:
            try:
                self._variable = PinVariable(settings.pin_variable)
            except PinSourceInvalid as error:
                # said when a key is opened: a seal whose address names its own source does not need it
                self._absent = error

    def source(self, uri: KeyUri, *, test_office: bool) -> PinSource:
        """`pin-source` of the address, else what was asked, else the settings' file, credential or variable.

        Raises `PinSourceInvalid`, also for a variable outside a declared test office.
        """
        if uri.pin_source is not None:
            return pin_source(uri)
        if self._asked is not None:
            return self._asked
        if self._settings.pin_file is not None:
            return PinFile(self._settings.pin_file)
        if self._settings.pin_credential:
            return PinCredential(self._settings.pin_credential)
        if not self._settings.pin_variable:
            raise PinSourceInvalid("settings", "none of pin_file, pin_credential is set, and the key has no pin-source")
        if not test_office:
            raise PinSourceInvalid("pin_variable", "only a declared test office may keep a PIN in a variable")
        if self._variable is None:
            raise self._absent or PinSourceInvalid("pin_variable", "not set")
        return self._variable
