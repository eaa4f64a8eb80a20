"""Where the settings say that files are kept: a folder of this machine, or an object store for several."""

from obstore.exceptions import BaseError

from secondseal.settings import Settings, SettingsError
from secondseal.store_options import store_options
from store import Files, FolderFiles, ObjectFiles


def kept_files(settings: Settings) -> Files:
    """Nothing is asked of an object store yet. Raises SettingsError for an address or options it does not know."""
    if not settings.files_store:
        return FolderFiles(settings.files)
    options = store_options(settings.files_options, "files_options")
    try:
        return ObjectFiles(settings.files_store, options, near=settings.files)
    except (BaseError, ValueError) as error:
        # The library's texts may repeat an option, and an option may be a secret.
        raise SettingsError(
            f"files_store: {settings.files_store} cannot be opened with the options in files_options "
            f"({type(error).__name__})"
        ) from None
