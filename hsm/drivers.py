"""Where PKCS#11 modules are found, and what is known of them: hints, never a setting (AC-113).

The names are those of the tokens Vietnamese agencies and public CAs hand out, most of them rebrands of two or three
makers; the path of the module in use is always given in the settings. A quirk is told to people, who would otherwise
take it for a fault of theirs. Every precaution below is taken with every driver, since the same driver goes by many
names; all but one: `one_thread` may cost throughput and so is asked for by the file's name.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Quirk:
    """Where a driver differs from the standard, what is done about it, and where this was reported."""

    text_vi: str
    text_en: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Driver:
    """A known driver: who hands the token out, what its files are called, where they are put, how it differs.

    `one_thread`: only one thread at a time may be inside, although it says that it takes several; it is told so.
    """

    issuer: str
    files: tuple[str, ...]
    folders: tuple[str, ...] = ()
    quirks: tuple[Quirk, ...] = ()
    one_thread: bool = False


_LENGTH = Quirk(
    text_vi="Trả lời sai khi được hỏi độ dài chữ ký; chương trình không hỏi mà dành sẵn 1.024 byte.",
    text_en="Answers nonsense when asked for the signature's length; it is never asked, 1,024 bytes are kept ready.",
    source="pyauth/python-pkcs11#180, MatthiasValvekens/pyHanko#456",
)
_ATTRIBUTES = Quirk(
    text_vi="Báo sai độ dài của vài thuộc tính; từng thuộc tính được đọc riêng, cái nào vô lý thì bỏ qua.",
    text_en="States impossible lengths for some attributes; each is read by itself, and an impossible one passed over.",
    source="pyauth/python-pkcs11#70",
)
_THREE_TRIES = Quirk(
    text_vi="Sai mã PIN 3 lần là khóa; khóa RSA-2048 hoặc RSA-3072 tùy đời; OpenSC không dùng được token này.",
    text_en="Three wrong PINs lock it; RSA-2048 or RSA-3072 by generation; OpenSC cannot drive this token.",
    source="VGCA's middleware 1.4.10",
)
_CRASH = Quirk(
    text_vi="Có lần làm sập cả chương trình gọi nó; ở đây chỉ tiến trình giữ khóa dừng và được khởi động lại.",
    text_en="Has been seen to crash the program that calls it; here only the key's own process ends and is restarted.",
    source="openssl/openssl#12490",
)
_NO_COUNT = Quirk(
    text_vi="Sau lần sai PIN đầu tiên không báo gì; chương trình tự đếm trên đĩa.",
    text_en="Says nothing after the first wrong PIN; failed logins are counted on disk.",
    source="seen with OpenSC 0.23",
)
_KEEPS_PIN = Quirk(
    text_vi="Giữ mã PIN và tự gửi lại khi thẻ quên, có thể mất thêm một lần thử; deploy/opensc.conf tắt việc này.",
    text_en="Keeps the PIN and sends it again by itself, which can cost a try; deploy/opensc.conf turns it off.",
    source="seen with OpenSC 0.23, tests/cards",
)
_OWN_LOCK = Quirk(
    text_vi="Rút thẻ giữa chừng có thể làm nó chờ mãi; chỉ cho một luồng vào mỗi lúc, không dùng cơ chế khóa của nó.",
    text_en="A card pulled out under a command can leave it waiting for itself; one thread, without its locks.",
    source="OpenSC/OpenSC#2707, seen with 0.23",
)
_NO_CURVES = Quirk(
    text_vi="Thẻ PIV thông thường chỉ dùng được khóa RSA qua trình điều khiển này.",
    text_en="With a generic PIV card only RSA keys can be used through it.",
    source="seen with OpenSC 0.23",
)
_NEVER_LOCKS = Quirk(
    text_vi="Khóa nằm trong tệp, PIN không bao giờ bị khóa: chỉ dùng ở cơ quan thử nghiệm.",
    text_en="Keys are files and the PIN never locks: for a test office only.",
    source="AC-75",
)
_SERVER = Quirk(
    text_vi="Máy chủ khóa dừng rồi chạy lại thì mọi lời gọi đều lỗi cho đến khi khởi tạo lại; chương trình tự làm.",
    text_en="After its server went away and came back every call fails until initialised again; this is done.",
    source="seen with p11-kit 0.24",
)
_STUCK = Quirk(
    text_vi="Máy chủ khóa dừng lúc nhiều luồng cùng gọi thì có luồng chờ mãi; chỉ cho một luồng vào mỗi lúc.",
    text_en="When its server dies under several threads some wait in it for ever; one at a time is let in.",
    source="seen with p11-kit 0.24: a reply's header read by one thread, its body never by the other",
)

DRIVERS = (
    Driver(
        issuer="Ban Cơ yếu Chính phủ (bit4id TokenME EVO v2)",
        files=("libbit4xpki.so", "bit4xpki.dll", "libbit4xpki.dylib"),
        folders=("/usr/lib/bit4id", "/Library/bit4id/pkcs11"),
        quirks=(_THREE_TRIES, _CRASH),
    ),
    Driver(
        issuer="Viettel-CA",
        files=("viettel-ca_v[4-6].dll", "viettel-ca_v[4-6].so", "libviettel-ca_v[4-6].so"),
        quirks=(_LENGTH,),
    ),
    Driver(issuer="VNPT-CA", files=("vnptca_p11_v[6-9].dll", "vnptca_p11_v10.dll", "vnpt-ca_csp11.dll")),
    Driver(issuer="NewTel-CA", files=("nca_v[4-9].dll", "ncca_csp11_v1.dll")),
    Driver(issuer="FPT-CA", files=("fptca_v[3-6].dll", "fptca_v[3-6].so", "fca_v1.dll")),
    Driver(issuer="Bkav-CA", files=("BkavCA.dll", "BkavCAv2S.dll")),
    Driver(issuer="Nacencomm CA2", files=("CA2_csp11.dll",)),
    Driver(issuer="I-CA", files=("ica_csp11_v1.dll",)),
    Driver(issuer="Vina-CA", files=("Vina-CAv*.dll",)),
    Driver(issuer="Safe-CA", files=("safe-ca.dll",)),
    Driver(
        issuer="Feitian / EnterSafe",
        files=("eps2003csp11.dll", "SignatureP11.dll", "libcastle*.so", "libcastle.so.*"),
        quirks=(_ATTRIBUTES,),
    ),
    Driver(issuer="SafeNet / Gemalto", files=("eTPKCS11.dll", "libeTPkcs11.so", "libeToken.so", "gclib.dll")),
    Driver(
        issuer="OpenSC",
        files=("opensc-pkcs11.so", "onepin-opensc-pkcs11.so", "opensc-pkcs11.dll"),
        quirks=(_NO_COUNT, _NO_CURVES, _KEEPS_PIN, _OWN_LOCK),
        one_thread=True,
    ),
    Driver(
        issuer="p11-kit (HSM trên máy khác · an HSM on another machine)",
        files=("p11-kit-client.so",),
        folders=("/usr/lib/x86_64-linux-gnu/pkcs11", "/usr/lib/aarch64-linux-gnu/pkcs11", "/usr/lib64/pkcs11"),
        quirks=(_SERVER, _STUCK),
        one_thread=True,
    ),
    Driver(
        issuer="SoftHSM (test)",
        files=("libsofthsm2.so", "softhsm2.dll"),
        folders=("/usr/lib/softhsm", "/usr/lib/x86_64-linux-gnu/softhsm", "/usr/lib/aarch64-linux-gnu/softhsm"),
        quirks=(_NEVER_LOCKS,),
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


def quirks_of(module_path: str | Path) -> tuple[Quirk, ...]:
    """What is known of a module by its file's name, wherever it lies; nothing of an unknown one."""
    return tuple(quirk for driver in _named(module_path) for quirk in driver.quirks)


def takes_one_thread(module_path: str | Path) -> bool:
    """Whether only one thread at a time may be inside this module, whatever it says itself."""
    return any(driver.one_thread for driver in _named(module_path))


def _named(module_path: str | Path) -> tuple[Driver, ...]:
    name = Path(module_path)
    return tuple(driver for driver in DRIVERS if any(name.match(pattern) for pattern in driver.files))


def _usual_folders() -> tuple[str, ...]:
    if sys.platform == "win32":
        return (str(Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32"),)
    if sys.platform == "darwin":
        return ("/usr/local/lib", "/Library/Frameworks")
    return _LINUX
