"""The custodian knows before confirming: the key in fault, the key that needs care, the worker away."""

from datetime import datetime, timedelta

from stamping import KeyHealth, WorkerSeen, key_health
from store import write
from tests.api.serving import Running
from tests.stamping.office_desk import SEAL

NAMED = f'id = "{SEAL}"\nkey = "pkcs11:token=con-dau?module-path=/nowhere.so"\n'
PLUG_IN = ("Chưa thấy token “con-dau”. Hãy cắm lại token.", "The token “con-dau” is not there. Plug it in again.")


def found(now: datetime, state: key_health.State) -> KeyHealth:
    """As the worker writes it."""
    return KeyHealth(
        seal_id=SEAL,
        role="current",
        key="pkcs11:token=con-dau",
        state=state,
        code="token-missing",
        text_vi=PLUG_IN[0],
        text_en=PLUG_IN[1],
        since=now,
        checked_at=now,
        due_at=now + timedelta(seconds=60),
    )


def test_the_custodian_is_told_how_the_seals_key_is(service: Running) -> None:
    """What to do and when it was looked at, on the list and where it is confirmed; nothing while all is well."""
    place, custodian = service.place, service.signed_in("custodian")
    assert "notice" not in custodian.get("/desk/seals").text, "no key is named: nothing to say"
    paper = place.paper()
    place.approve(paper.id)
    pages = ("/desk/seals", f"/desk/seals/confirm?paper={paper.id}")
    place.rewrite_office((f'id = "{SEAL}"\n', NAMED))
    try:
        for page in pages:
            assert "Chương trình đóng dấu không chạy" in custodian.get(page).text
        now = place.clock()
        with write(place.desk.engine) as connection:
            key_health.worker_started(connection, WorkerSeen(started_at=now, seen_at=now))
        for state, title in (
            ("fault", "Khóa của con dấu chưa dùng được"),
            ("care", "Khóa của con dấu vẫn dùng được, nhưng cần xem lại"),
        ):
            with write(place.desk.engine) as connection:
                key_health.record(connection, found(now, state))  # type: ignore[arg-type]
            for page in pages:
                text = custodian.get(page).text
                assert title in text
                assert "Hãy cắm lại token; nếu sau một phút vẫn vậy" in text
                assert "Kiểm tra gần nhất lúc" in text
        english = custodian.get("/desk/seals?lang=en").text
        assert "Plug it in again; if nothing changes" in english
        assert "Last checked at" in english
        assert PLUG_IN[1] not in english, "with the token's name: the operator's words, not the custodian's"
        custodian.get("/desk/seals?lang=vi")
        with write(place.desk.engine) as connection:
            key_health.record(connection, found(now, "good"))
        assert "Khóa của con dấu" not in custodian.get("/desk/seals").text
        with write(place.desk.engine) as connection:
            key_health.record(connection, found(now - timedelta(hours=1), "good"))
        assert "Đã lâu khóa chưa được kiểm tra" in custodian.get("/desk/seals").text
    finally:
        place.rewrite_office((NAMED, f'id = "{SEAL}"\n'))
