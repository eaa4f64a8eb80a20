"""`secondseal token doctor`: every configured seal key examined at once, in this process, with plain advice.

The same examination as the worker's (`examination`), its words too. A token that takes one session at a time may be
held by the running worker; then that is what is said, and the worker's own last finding stands beside it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from api import FactorKeysUnfit, receipt_key_problem, second_factor
from hsm import KeyUri, TokenError, quirks_of
from office import Office
from secondseal import findings
from secondseal.examination import examine
from secondseal.findings import Finding
from secondseal.institution import institution
from secondseal.keys import SealKeys
from secondseal.papers import examine_papers
from secondseal.pins import Pins
from secondseal.settings import Settings, SettingsError
from secondseal.wiring import open_existing
from stamping import KeyHealth, key_health
from store import VIETNAM, read


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What was found about one thing, and what to do."""

    what: str
    finding: Finding

    def as_json(self) -> dict[str, str]:
        """For programs."""
        return {"what": self.what, **self.finding.as_json()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Institution:
    office: Callable[[], Office]
    clock: Callable[[], datetime]


def examine_all(settings: Settings, now: datetime) -> tuple[Advice, ...]:
    """One finding or more for every key of the office's seals, the next ones included. One key operation per key."""
    try:
        office = institution(settings)
    except SQLAlchemyError:
        office = Office.load(settings.office)  # that the database cannot be read is said below
    named = key_health.named(office, now)
    if not named:
        return (
            Advice(
                what="office",
                finding=Finding(
                    code="not-configured",
                    state="fault",
                    text_vi="Cơ quan chưa cấu hình khóa cho con dấu nào: hãy ghi key và certificate trong tệp của "
                    "cơ quan (secondseal office import).",
                    text_en="No seal of the office has a key: set key and certificate in the office's file "
                    "(secondseal office import).",
                ),
            ),
            *_second_factors(settings),
            *_receipt_key(settings),
            *_papers(settings, office, now),
        )
    keys = SealKeys(settings, _Institution(office=lambda: office, clock=lambda: now), Pins(settings))
    advice: list[Advice] = []
    try:
        for seal, which in named:
            seen = examine(seal, which, keys, settings, now=now)
            place = seal.key_on(now) if which == "current" else seal.waiting_on(now)
            uri = place.key if place is not None and place.key is not None else ""
            what = f"{seal.id} ({'khóa kế tiếp · next key' if which == 'next' else 'khóa đang dùng · key in force'})"
            advice += [Advice(what=f"{what}: {uri}", finding=one) for one in (*seen.findings, *_quirks(uri))]
    finally:
        keys.close()
    return (
        *advice,
        *_from_the_worker(settings, now),
        *_second_factors(settings),
        *_receipt_key(settings),
        *_papers(settings, office, now),
    )


def _quirks(uri: str) -> list[Finding]:
    try:
        module = KeyUri.parse(uri).module_path
    except TokenError:
        return []
    return [findings.peculiar(quirk) for quirk in quirks_of(module)] if module else []


def _from_the_worker(settings: Settings, now: datetime) -> list[Advice]:
    """What the running worker found last, where there is a database."""
    try:
        engine = open_existing(settings.database)
    except SettingsError:
        return []
    try:
        with read(engine) as connection:
            healths, seen = key_health.healths(connection), key_health.worker(connection)
    except SQLAlchemyError as error:
        return [Advice(what="database", finding=_unread(error))]
    finally:
        engine.dispose()
    # one that is out of date says nothing but that the worker is away, which is said below
    said = [Advice(what=f"{one.seal_id} (worker)", finding=_retold(one)) for one in healths if one.as_of(now) is one]
    if seen is None or not seen.is_there(now):
        when = f"{seen.seen_at.astimezone(VIETNAM):%H:%M %d/%m/%Y}" if seen is not None else "-"
        said.append(
            Advice(
                what="worker",
                finding=Finding(
                    code="worker-away",
                    state="care",
                    text_vi=f"Chương trình đóng dấu không chạy (thấy lần cuối: {when}). Hãy khởi động dịch vụ "
                    "secondseal-worker.",
                    text_en=f"The seal worker is not running (last seen: {when}). Start the service secondseal-worker.",
                ),
            )
        )
    return said


def _second_factors(settings: Settings) -> list[Advice]:
    """Whether their key is there and theirs."""
    try:
        engine = open_existing(settings.database)
    except SettingsError:
        return []
    try:
        second_factor.check_key(engine, settings.second_factor_key)
    except SQLAlchemyError:
        return []  # said above
    except FactorKeysUnfit as error:
        if isinstance(error.__cause__, PermissionError):
            return []  # the web process's own, and this is another user
        found = Finding(
            code="second-factor-key",
            state="fault",
            text_vi=f"{error.text_vi} Ai bật xác thực hai bước thì chưa đăng nhập được: hãy lấy lại tệp khóa từ bản "
            "sao lưu; nếu đã mất, dùng secondseal account reset-factor.",
            text_en=f"{error.text_en} Whoever has a second factor cannot sign in: bring the file back from the backup; "
            "if it is lost, secondseal account reset-factor.",
        )
        return [Advice(what="second factors", finding=found)]
    finally:
        engine.dispose()
    return []


def _papers(settings: Settings, office: Office, now: datetime) -> list[Advice]:
    """The office's own papers, and the papers its procedures name."""
    return [
        Advice(
            what="papers",
            finding=Finding(code=one.code, state="fault" if one.fault else "care", text_vi=one.vi, text_en=one.en),
        )
        for one in examine_papers(settings, office, now)
    ]


def _receipt_key(settings: Settings) -> list[Advice]:
    """Whether the web process has the key of its receipts, or can make one. No receipts is no fault of the seal's."""
    path = settings.receipt_key
    try:
        found = _of_receipts(path, settings.second_factor_key)
    except FileNotFoundError:
        if path.parent.is_dir():
            return []  # made with the first receipt
        found = (
            f"Không có thư mục {path.parent} để tạo khóa của phiếu kết quả kiểm tra.",
            f"There is no folder {path.parent} to make the receipts' key in.",
        )
    except PermissionError:
        return []  # the web process's own, and this is another user
    if found is None:
        return []
    advice = Finding(
        code="receipt-key",
        state="care",
        text_vi=f"{found[0]} Người dân chưa nhận được phiếu kết quả kiểm tra: xem receipt_key.",
        text_en=f"{found[1]} Citizens get no receipts: see receipt_key.",
    )
    return [Advice(what="receipts", finding=advice)]


def _of_receipts(path: Path, beside: Path) -> tuple[str, str] | None:
    """What is wrong with the file. `beside` is another file that the web process alone makes: both are its own. Raises
    OSError."""
    owner = path.stat().st_uid
    if beside.exists() and beside.stat().st_uid != owner:
        return (
            f"Tệp {path} không thuộc về người dùng của dịch vụ web như {beside.name}.",
            f"The file {path} does not belong to the web process's user, as {beside.name} does.",
        )
    wrong = receipt_key_problem(path)
    if wrong is None:
        return None
    return f"Không dùng được khóa của phiếu kết quả kiểm tra ({wrong}).", f"The receipts' key cannot be used: {wrong}."


def _retold(one: KeyHealth) -> Finding:
    when = f"{one.checked_at.astimezone(VIETNAM):%H:%M:%S %d/%m/%Y}"
    return Finding(
        code=one.code,
        # the trial made just now decides; what the worker saw before it is a hint
        state="care" if one.state == "fault" else one.state,
        text_vi=f"Chương trình đóng dấu thử lần cuối lúc {when}: {one.text_vi}",
        text_en=f"The seal worker tried it last at {when}: {one.text_en}",
    )


def _unread(error: SQLAlchemyError) -> Finding:
    return Finding(
        code="database",
        state="care",
        text_vi="Không đọc được cơ sở dữ liệu, nên không biết chương trình đóng dấu thấy khóa thế nào.",
        text_en=f"The database cannot be read ({type(error).__name__}), so what the worker found is not known.",
    )
