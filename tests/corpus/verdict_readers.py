"""Papers that readers differ about: evidence to one, another paper to the next."""

from collections.abc import Callable

from tests.corpus.verdict_cases import Place, Published, one
from tests.verifier import ambiguous, strikes
from tests.verifier.desk import DATA
from tests.verifier.papers import make_paper
from verifier import OFFICER_FIELD

_LENGTH = 30_000
_FAMILY = "readers differ"


def _struck(strike: Callable[[bytes], bytes]) -> Callable[[Place], bytes]:
    return _prepared(ambiguous.prepare, strike)


def _prepared(prepare: Callable[[bytes], bytes], strike: Callable[[bytes], bytes]) -> Callable[[Place], bytes]:
    """The attacker prepares, the officer signs, the attacker appends."""
    return lambda place: strike(place.desk.sign_t(prepare(make_paper(data=DATA)), place.desk.officer, OFFICER_FIELD))


READERS: tuple[Published, ...] = (
    one(
        _FAMILY,
        "half-closed catalogue in an object stream",
        _struck(ambiguous.half_closed),
        "changed",
        "changed_other",
        "The catalogue's dictionary has a lone > in it: some end it there, others read on and find other pages.",
    ),
    one(
        _FAMILY,
        "rows without prediction",
        _struck(ambiguous.zero_rows),
        "changed",
        "",
        "A PNG row of the object stream names other pages; one decoder takes such a row for zeros.",
    ),
    one(
        _FAMILY,
        "startxref out of reach",
        _struck(ambiguous.padded),
        "changed",
        "structure",
        "Blank lines push startxref out of where readers look for it; they search the bytes and find a stray object.",
    ),
    one(
        _FAMILY,
        "cross-reference stream with the page's number",
        _struck(ambiguous.numbered_as_the_page),
        "changed",
        "changed_other",
        "The cross-reference stream bears the number of the page, which its rows do not name.",
    ),
    one(
        _FAMILY,
        "content that ends in the evidence",
        _prepared(ambiguous.endless_content(_LENGTH), lambda pdf: ambiguous.reach_the_end(pdf, _LENGTH)),
        "changed",
        "structure",
        "The page's content is as long as an object says, which is beyond the signed part: evidence becomes its end.",
    ),
    one(
        _FAMILY,
        "layers of the catalogue",
        _prepared(strikes.catalogue_as_layers, strikes.adds_evidence(400, b"0")),
        "changed",
        "changed_other",
        "What the page draws under /OC /DSS is hidden as soon as the catalogue, its list of layers, has a /DSS.",
    ),
    one(
        _FAMILY,
        "password of a text below a signature",
        _prepared(strikes.text_below_a_signature, strikes.hide_as_password),
        "changed",
        "",
        "A signature's field gets flags, which a text below it inherits: it is drawn as stars.",
    ),
    one(
        _FAMILY,
        "turn in fractions",
        _struck(strikes.write_again(b"/Rotate 0", b"/Rotate 0.0")),
        "changed",
        "changed_other",
        "The page is written again with a fraction for a whole number, which some readers do not take.",
    ),
)
