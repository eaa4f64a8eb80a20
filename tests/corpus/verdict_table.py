"""The rows of tests/corpus/verdicts: the shared cases, then those that are only published."""

from collections.abc import Iterator

from tests.corpus.verdict_attacks import ATTACKS
from tests.corpus.verdict_cases import Published
from tests.corpus.verdict_readers import READERS
from tests.corpus.verdict_shared import SHARED
from tests.corpus.verdict_signers import SIGNERS
from tests.verifier.cases import CASES


def rows() -> Iterator[Published]:
    """All of them; every case of the tests is here but those that only repeat another one with the services up."""
    known = {case.name: case for case in CASES}
    for name, (family, why) in SHARED.items():
        case = known[name]
        yield Published(
            name=name,
            family=family,
            verdict=case.verdict,
            codes=tuple(sorted(case.codes)),
            why=why,
            make=lambda place, case=case: case.make(place.desk),  # type: ignore[misc]
            open_question=not case.online,
        )
    yield from (*SIGNERS, *ATTACKS, *READERS)
