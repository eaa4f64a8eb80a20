"""A register that counted each symbol for itself goes on so until its year ends (decision 0047)."""

from sqlalchemy import Connection, Engine, text

from register import numbers, outgoing
from store import migrate, read, write
from tests.register.papers import Paper, registration


def test_a_year_begun_by_symbol_is_counted_so_to_its_end(empty_database: Engine) -> None:
    """No number twice, no refusal, no gap; from 1 January the organisation's one series."""
    migrate(empty_database, "0005")
    with write(empty_database) as connection:
        _old(connection, kind="GCN-UBND", symbol="GCN-UBND", registered=2, reserved=3)
        _old(connection, kind="QD", symbol="QĐ-UBND", registered=4, reserved=4)
    migrate(empty_database)
    year = {"organisation": "M01.X1", "year": 2026}
    with read(empty_database) as connection:
        kinds = {
            symbol: numbers.series_of(connection, **year, symbol=symbol)  # type: ignore[arg-type]
            for symbol in ("GCN-UBND", "QĐ-UBND", "TB-UBND")
        }
        turned = numbers.series_of(connection, organisation="M01.X1", year=2027, symbol="GCN-UBND")
        left = numbers.open_numbers(connection)
    assert kinds == {"GCN-UBND": "GCN-UBND", "QĐ-UBND": "QD", "TB-UBND": numbers.SHARED}
    assert turned == numbers.SHARED
    assert [(one.shown, one.symbol) for one in left] == [("03/GCN-UBND", None)]
    for symbol, kind, expected in (("GCN-UBND", "GCN-UBND", 4), ("QĐ-UBND", "QD", 5), ("TB-UBND", "", 1)):
        with write(empty_database) as connection:
            number = numbers.reserve(connection, **year, kind=kind, symbol=symbol)  # type: ignore[arg-type]
            line = vars(registration(Paper(), number, symbol=symbol)) | {"kind": kind}
            outgoing.add(connection, type(registration(Paper(), 1))(**line))
        assert number == expected


def _old(connection: Connection, *, kind: str, symbol: str, registered: int, reserved: int) -> None:
    """Rows as the service before wrote them."""
    series = {"o": "M01.X1", "k": kind, "y": 2026}
    connection.execute(
        text("INSERT INTO register_counters (organisation, kind, year, last) VALUES (:o, :k, :y, :n)"),
        {**series, "n": reserved},
    )
    for number in range(1, reserved + 1):
        identity = connection.execute(
            text(
                "INSERT INTO register_numbers (organisation, kind, year, number, reserved_at) "
                "VALUES (:o, :k, :y, :n, '2026-03-02 01:00:00') RETURNING id"
            ),
            {**series, "n": number},
        ).scalar_one()
        if number <= registered:
            paper = Paper()
            connection.execute(
                text(
                    "INSERT INTO register_outgoing (document_id, number_id, organisation, year, notation, dated, "
                    "type_name, subject, signer, recipients, keeper, copies, note, code, registered_at) VALUES "
                    "(:d, :i, :o, :y, :s, '2026-03-02', 't', 't', 't', 't', 't', 1, '', :c, '2026-03-02 01:00:00')"
                ),
                {
                    "d": paper.document_id,
                    "i": identity,
                    "o": series["o"],
                    "y": 2026,
                    "s": numbers.notation(number, symbol),
                    "c": paper.code,
                },
            )
