"""Where PKCS#11 modules are found: hints, never a setting (AC-113).

The names are those of the tokens Vietnamese agencies and public CAs hand out, most of them rebrands of two or three
makers; the path of the module in use is always given in the settings.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Driver:
    """A known driver: who hands the token out, what its files are called, where they are put."""

    issuer: str
    files: tuple[str, ...]
    folders: tuple[str, ...] = ()


DRIVERS = (
    Driver(
        issuer="Ban Cơ yếu Chính phủ (bit4id TokenME EVO v2)",
        files=("libbit4xpki.so", "bit4xpki.dll", "libbit4xpki.dylib"),
        folders=("/usr/lib/bit4id", "/Library/bit4id/pkcs11"),
    ),
    Driver(issuer="Viettel-CA", files=("viettel-ca_v[4-6].dll", "viettel-ca_v[4-6].so", "libviettel-ca_v[4-6].so")),
    Driver(issuer="VNPT-CA", files=("vnptca_p11_v[6-9].dll", "vnptca_p11_v10.dll", "vnpt-ca_csp11.dll")),
    Driver(issuer="NewTel-CA", files=("nca_v[4-9].dll", "ncca_csp11_v1.dll")),
    Driver(issuer="FPT-CA", files=("fptca_v[3-6].dll", "fptca_v[3-6].so", "fca_v1.dll")),
    Driver(issuer="Bkav-CA", files=("BkavCA.dll", "BkavCAv2S.dll")),
    Driver(issuer="Nacencomm CA2", files=("CA2_csp11.dll",)),
    Driver(issuer="I-CA", files=("ica_csp11_v1.dll",)),
    Driver(issuer="Vina-CA", files=("Vina-CAv*.dll",)),
    Driver(issuer="Safe-CA", files=("safe-ca.dll",)),
    Driver(issuer="Feitian / EnterSafe", files=("eps2003csp11.dll", "SignatureP11.dll", "libcastle*.so")),
    Driver(issuer="SafeNet / Gemalto", files=("eTPKCS11.dll", "libeTPkcs11.so", "libeToken.so", "gclib.dll")),
    Driver(issuer="OpenSC", files=("opensc-pkcs11.so", "opensc-pkcs11.dll")),
    Driver(
        issuer="SoftHSM (test)",
        files=("libsofthsm2.so", "softhsm2.dll"),
        folders=("/usr/lib/softhsm", "/usr/lib/x86_64-linux-gnu/softhsm", "/usr/lib/aarch64-linux-gnu/softhsm"),
    ),
)
_LINUX = ("/usr/lib", "/usr/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/local/lib", "/opt")


@dataclass(frozen=True, kw_only=True)
class InstalledDriver:
    """A module found on this computer."""

    path: Path
    issuer: str


def installed(folders: tuple[str, ...] | None = None) -> tuple[InstalledDriver, ...]:
    """Known modules present, each file once; `folders` replaces the usual places. Nothing is loaded."""
    found: dict[Path, InstalledDriver] = {}
    for driver in DRIVERS:
        for folder in folders if folders is not None else (*driver.folders, *_usual_folders()):
            for pattern in driver.files:
                for path in sorted(Path(folder).glob(pattern)) if Path(folder).is_dir() else ():
                    real = path.resolve()
                    found.setdefault(real, InstalledDriver(path=real, issuer=driver.issuer))
    return tuple(found.values())


def _usual_folders() -> tuple[str, ...]:
    if sys.platform == "win32":
        return (str(Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32"),)
    if sys.platform == "darwin":
        return ("/usr/local/lib", "/Library/Frameworks")
    return _LINUX
