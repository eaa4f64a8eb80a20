"""A list of documents that one person acts on as a whole."""

from collections.abc import Sequence
from typing import Final

from stamping.refusal import Refusal

LONGEST_LIST: Final = 500


def check_list(document_ids: Sequence[str]) -> None:
    """Raises `Refusal` list-changed where it is empty, too long, or names a document twice."""
    if not 1 <= len(document_ids) <= LONGEST_LIST or len(set(document_ids)) != len(document_ids):
        raise Refusal(
            "list-changed",
            f"Danh sách phải có từ 1 đến {LONGEST_LIST} văn bản, không trùng nhau.",
            f"A list holds 1 to {LONGEST_LIST} documents, each once.",
            count=len(document_ids),
        )
