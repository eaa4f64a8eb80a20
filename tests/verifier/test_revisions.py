"""What may stand between a revision's trailer and its end: a comment of the program that wrote it, and nothing else."""

import pytest

from tests.verifier.desk import Desk


def with_before_the_end(pdf: bytes, inserted: bytes) -> bytes:
    """`inserted` in front of the last startxref, which lies behind everything that is signed."""
    place = pdf.rindex(b"startxref")
    return pdf[:place] + inserted + pdf[place:]


@pytest.mark.parametrize("inserted", [b"%iText-5.5.13.3\n", b"%iText-pdfHTML-4.0.3\r\n%another\n", b"\n \n"])
def test_a_comment_changes_nothing(desk: Desk, inserted: bytes) -> None:
    assert desk.judge(with_before_the_end(desk.sealed, inserted)).word == "genuine"


@pytest.mark.parametrize(
    "inserted",
    [
        b"9 0 obj <<>> endobj\n",
        b"%iText\n9 0 obj <<>> endobj\n",
        b"9 0 obj <<>> endobj %iText\n",
        b"trailer <</Root 9 0 R>>\n",
        b"%%EOF\n9 0 obj <<>> endobj\n",
        b"%" + b"x" * 300 + b"\n",
    ],
)
def test_anything_else_is_a_change(desk: Desk, inserted: bytes) -> None:
    """A repairing reader would take it for part of the paper."""
    assert desk.judge(with_before_the_end(desk.sealed, inserted)).word == "changed"
