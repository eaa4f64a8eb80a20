"""A demo office in one folder: a loopback PKI, two software tokens, people, seals, accounts and settings.

Each token has a folder of its own, as the seal's HSM and an officer's USB token would be two devices: the seal worker
never sees the officer's token, nor the officer's agent the seal's. Keys are made by the same key ceremony an operator
uses; PINs and passwords are random, in files only their owner can read.
"""

import json
import multiprocessing
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from api import accounts, clients
from hsm import installed
from office import demo_office_text
from secondseal import command
from secondseal.demo.pki import Pki
from secondseal.demo.pki_shapes import PublicKey
from secondseal.settings import write_settings
from secondseal.wiring import now
from store import migrate, open_database
from templates import sample_seal_png, sample_signature_png

ORGANISATION: Final = "M01.X1"
ORGANISATION_NAME: Final = "ỦY BAN NHÂN DÂN XÃ MẪU"
OFFICER: Final = "pho-chu-tich"
OFFICER_NAME: Final = "Trần Thị Mẫu"
CUSTODIAN: Final = "van-thu"
SEAL: Final = "x1-2"
PROCEDURE: Final = "1.001612"
_SEAL_LABEL: Final = "con-dau-2"
_OFFICER_LABEL: Final = "pho-chu-tich"
_READY: Final = "ready.json"
_SAID: Final = "command.log"
"""What the last command about a token said."""

Say = Callable[[str], None]


class DemoError(Exception):
    """The demo office cannot be made on this machine; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOffice:
    """Where everything of a demo office lies. `people` maps a role to account name and password."""

    home: Path
    module: str
    people: Mapping[str, tuple[str, str]]
    program_token: str

    @property
    def pki_folder(self) -> Path:
        """The PKI's folder."""
        return self.home / "pki"

    @property
    def pki_command(self) -> list[str]:
        """Starts the PKI's services."""
        return [sys.executable, "-m", "secondseal.demo.pki", str(self.pki_folder), "--with-parent"]

    @property
    def anchors(self) -> Path:
        """The trust anchor (PEM)."""
        return self.pki_folder / "anchors.pem"

    @property
    def officer_conf(self) -> Path:
        """SoftHSM's settings on the officer's side."""
        return self.home / "tokens" / "officer" / "softhsm2.conf"

    @property
    def officer_pin(self) -> Path:
        """The officer's PIN, in a file of the demo."""
        return self.home / "pins" / "officer.pin"

    def __repr__(self) -> str:
        return f"DemoOffice({self.home})"


def open_or_build(home: Path, *, port: int, say: Say = lambda _line: None) -> DemoOffice:
    """The demo office of this folder; a half-made one is made anew. Raises `DemoError`."""
    if (home / _READY).is_file():
        office = _open(home)
        _write_settings(office, Pki.open(office.pki_folder), port)
        return office
    return build(home, port=port, say=say)


def build(home: Path, *, port: int, say: Say = lambda _line: None) -> DemoOffice:
    """Make a new demo office, replacing what is in `home`. Raises `DemoError`."""
    module = _softhsm()
    if home.exists():
        shutil.rmtree(home)
    home.mkdir(parents=True, mode=0o700)
    say("PKI trên máy này: CA, OCSP, CRL, dấu thời gian · a local PKI")
    pki = Pki.create(home / "pki", name="thử nghiệm")
    office = DemoOffice(
        home=home,
        module=module,
        people={role: (name, secrets.token_urlsafe(9)) for role, name in _ACCOUNTS.items()},
        program_token="",
    )
    say("Lễ tạo khóa: con dấu (HSM) và USB token của cán bộ · key ceremonies")
    seal_key = _ceremony(office, "seal", _SEAL_LABEL, ORGANISATION_NAME)
    officer_key = _ceremony(office, "officer", _OFFICER_LABEL, OFFICER_NAME)
    seal = pki.issue_organisation("seal", ORGANISATION_NAME, seal_key)
    officer = pki.issue_person("officer", OFFICER_NAME, officer_key, organisation=ORGANISATION_NAME)
    for name, label, certificate in (("seal", _SEAL_LABEL, seal), ("officer", _OFFICER_LABEL, officer)):
        path = home / f"{name}.pem"
        path.write_bytes(certificate.public_bytes(Encoding.PEM))
        record = home / "tokens" / name / "certificate-record.json"
        words = ("token", "import-certificate", _uri(office, label), str(path), "--record", str(record))
        _command(office, name, *words, *_pin(office, name))
    _write_office_file(office, officer)
    _write_settings(office, pki, port)
    program_token = _open_accounts(office)
    office = DemoOffice(home=home, module=module, people=office.people, program_token=program_token)
    _keep(office)
    return office


_ACCOUNTS: Final = {
    "officer": "phochutich",
    "custodian": "vanthu",
    "clerk": "motcua",
    "auditor": "kiemtra",
    "administrator": "quantri",
    "administrator-2": "quantri2",
}
ROLES: Final = {
    "officer": ("Cán bộ ký duyệt", "Approving officer"),
    "custodian": ("Văn thư giữ con dấu", "Seal custodian"),
    "clerk": ("Cán bộ một cửa", "One-stop clerk"),
    "auditor": ("Người kiểm tra sổ", "Auditor"),
    "administrator": ("Người quản trị", "Administrator"),
    "administrator-2": ("Người quản trị thứ hai", "Second administrator"),
}


def _softhsm() -> str:
    for driver in installed():
        if driver.path.name == "libsofthsm2.so":
            return str(driver.path)
    raise DemoError(
        "Chưa cài SoftHSM: sudo apt-get install softhsm2 · SoftHSM is missing: install the package softhsm2."
    )


def _ceremony(office: DemoOffice, name: str, label: str, common_name: str) -> PublicKey:
    """A blank token, a key that never leaves it, and a request for its certificate; give the key's public half."""
    folder = office.home / "tokens" / name
    (folder / "store").mkdir(parents=True, mode=0o700)
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {folder / 'store'}\nobjectstore.backend = file\nlog.level = ERROR\n", encoding="utf-8"
    )
    _secret(office.home / "pins" / f"{name}.pin", f"{secrets.randbelow(10**8):08d}")
    _secret(office.home / "pins" / f"{name}.so-pin", secrets.token_hex(8))
    so_pin = ("--so-pin-file", str(office.home / "pins" / f"{name}.so-pin"))
    pin = _pin(office, name)
    _command(office, name, "token", "init", "--module", office.module, "--label", label, *pin, *so_pin)
    plan, csr = folder / "plan.toml", folder / "request.csr"
    plan.write_text(
        f'uri = "{_uri(office, label)}"\nlabel = "{label}"\nalgorithm = "rsa-2048"\n'
        f'[subject]\ncountry = "VN"\norganization = "{ORGANISATION_NAME}"\ncommon_name = "{common_name}"\n',
        encoding="utf-8",
    )
    record = str(folder / "ceremony.json")
    _command(office, name, "token", "ceremony", str(plan), "--csr", str(csr), "--record", record, *pin)
    public_key = x509.load_pem_x509_csr(csr.read_bytes()).public_key()
    if not isinstance(public_key, PublicKey):
        raise DemoError(f"{csr}: neither an RSA nor an EC key")
    return public_key


def _command(office: DemoOffice, token: str, *words: str) -> None:
    # A process of its own: a PKCS#11 module reads its settings once, and these two tokens must not meet. Each is forked
    # from one that has everything imported and no module loaded: imports cost more than what is done here.
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload([__name__, "secondseal.commands.token"])
    folder = office.home / "tokens" / token
    done = processes.Process(target=_carry_out, args=(words, folder))
    done.start()
    done.join()
    if done.exitcode != 0:
        raise DemoError(f"secondseal {' '.join(words[:2])}: {(folder / _SAID).read_text(encoding='utf-8').strip()}")


def _carry_out(words: Sequence[str], folder: Path) -> NoReturn:
    """In that process: the command, its output in a file."""
    said = os.open(folder / _SAID, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(said, 1)
    os.dup2(said, 2)
    for name in [name for name in os.environ if name.startswith("SECONDSEAL_")]:
        del os.environ[name]
    os.environ |= {"SECONDSEAL_HOME": str(folder), "SOFTHSM2_CONF": str(folder / "softhsm2.conf")}
    sys.exit(command.main(words))


def _uri(office: DemoOffice, label: str) -> str:
    return f"pkcs11:token={label}?module-path={office.module}"


def _pin(office: DemoOffice, name: str) -> tuple[str, str]:
    return ("--pin-file", str(office.home / "pins" / f"{name}.pin"))


def _secret(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _write_office_file(office: DemoOffice, officer: x509.Certificate) -> None:
    images = office.home / "images"
    images.mkdir()
    (images / "seal.png").write_bytes(sample_seal_png(ORGANISATION_NAME, "2"))
    (images / "officer.png").write_bytes(sample_signature_png(OFFICER_NAME))
    fingerprint = officer.fingerprint(hashes.SHA256()).hex()
    added = {
        f'id = "{SEAL}"': f'key = "{_uri(office, _SEAL_LABEL)}"\ncertificate = "seal.pem"\nimage = "images/seal.png"',
        f'id = "{OFFICER}"': f'certificates = ["{fingerprint}"]\nsignature_image = "images/officer.png"',
    }
    text = demo_office_text()
    for line, more in added.items():
        if text.count(f"{line}\n") != 1:
            raise DemoError(f"the shipped office file has not exactly one line {line!r}")
        text = text.replace(f"{line}\n", f"{line}\n{more}\n")
    (office.home / "office.toml").write_text(text, encoding="utf-8")


def _write_settings(office: DemoOffice, pki: Pki, port: int) -> None:
    write_settings(
        office.home,
        {
            "public_url": f"http://127.0.0.1:{port}",
            "system": "Second Seal (thử nghiệm)",
            "office_name": "UBND xã Mẫu",
            "office_name_en": "People’s Committee of Mẫu commune",
            "trust_anchors": str(pki.anchors_pem),
            "intermediates": str(pki.intermediates_pem),
            "tsa_urls": [pki.tsa_url],
            "allowed_hosts": ["127.0.0.1"],
            "allow_loopback": True,
            "level": "B-LT",
            "public_statistics": True,
            "pin_file": "pins/seal.pin",
            "softhsm2_conf": "tokens/seal/softhsm2.conf",
        },
    )


def _open_accounts(office: DemoOffice) -> str:
    engine = open_database(f"sqlite:///{office.home / 'secondseal.db'}")
    migrate(engine)
    names = {
        "officer": OFFICER_NAME,
        "custodian": "Lê Thị Mẫu",
        "clerk": "Phạm Văn Mẫu",
        "auditor": "Vũ Thị Mẫu",
        "administrator": "Đinh Văn Mẫu",
        "administrator-2": "Bùi Thị Mẫu",
    }
    for role, (name, password) in office.people.items():
        accounts.create(
            engine,
            name=name,
            password=password,
            roles=[role.partition("-")[0]],  # type: ignore[list-item]
            now=now(),
            display_name=names[role],
            officer_id=OFFICER if role == "officer" else None,
            custodian_id=CUSTODIAN if role == "custodian" else None,
        )
    scopes = ("documents:read", "documents:write", "approvals")
    _, token = clients.create(engine, name="Một cửa điện tử (mẫu)", scopes=scopes, now=now())
    engine.dispose()
    return token


def _keep(office: DemoOffice) -> None:
    shown = [
        {"name": name, "password": password, "role_vi": ROLES[role][0], "role_en": ROLES[role][1]}
        for role, (name, password) in office.people.items()
    ]
    _secret(office.home / "demo-accounts.json", json.dumps(shown, ensure_ascii=False, indent=2))
    ready = {"module": office.module, "people": dict(office.people), "program_token": office.program_token}
    # last, and in one step: a folder without this file is a half-made office
    _secret(office.home / f"{_READY}.new", json.dumps(ready, ensure_ascii=False, indent=2))
    (office.home / f"{_READY}.new").rename(office.home / _READY)


def _open(home: Path) -> DemoOffice:
    kept = json.loads((home / _READY).read_text(encoding="utf-8"))
    people = {role: (name, password) for role, (name, password) in kept["people"].items()}
    return DemoOffice(home=home, module=kept["module"], people=people, program_token=kept["program_token"])
