"""Papers made by other programs: each is taken in, approved, sealed and judged genuine; or refused with its reason."""

import json
from pathlib import Path

import pytest

from stamping import Refusal, documents, lookups
from tests.stamping.office_desk import PlaceMaker

CORPUS = Path(__file__).parents[1] / "corpus"
FOREIGN = sorted((CORPUS / "foreign").glob("*.pdf"))
EXPECTED = json.loads((CORPUS / "unsealable" / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FOREIGN, ids=lambda path: path.stem)
def test_a_paper_of_another_program_is_sealed(desk_with: PlaceMaker, path: Path) -> None:
    """The same five stages for a PDF we did not make; our fields are prepared before anyone signs."""
    place = desk_with()
    document = place.foreign(path.read_bytes())
    place.approve(document.id)
    place.confirm(document.id)
    place.stamp()
    view = documents.view(place.desk, document.id)
    assert view.state == "sealed", view.problem
    pdf, _, _ = documents.file(place.desk, document.id)
    verdict = lookups.verify(place.desk, pdf)
    assert verdict.word == "genuine", verdict.as_json()
    approved, _, _ = documents.file(place.desk, document.id, "approved")
    assert pdf.startswith(approved), "the seal only appends"


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_what_may_not_be_sealed_is_refused_at_the_door(desk_with: PlaceMaker, name: str) -> None:
    """Every kind of `Unsealable`, in words a clerk understands; nothing is stored, no number is taken."""
    place = desk_with()
    with pytest.raises(Refusal) as caught:
        place.foreign((CORPUS / "unsealable" / name).read_bytes())
    assert caught.value.code == "unsealable"
    assert caught.value.detail["reason"] == EXPECTED[name]
    assert caught.value.text_vi
    assert documents.list_documents(place.desk) == ()
    assert place.paper().number == "01/GCN-UBND"
