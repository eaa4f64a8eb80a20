"""Which version of a document or dossier a caller has seen, and acts on (If-Match).

A version is the hash of all that is shown of it, so whatever shows otherwise is another version: a move, a line of its
history, a refusal kept with it, of a dossier also a move of its papers or its deadline passed.
"""

import hashlib
import json
from dataclasses import asdict, dataclass

from stamping.dossier_views import DossierView
from stamping.refusal import Refusal
from stamping.views import DocumentView


def version_of(view: DocumentView | DossierView) -> str:
    """The version shown (32 hexadecimal digits)."""
    shown = json.dumps(asdict(view), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(shown.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Seen:
    """An act is for one of these versions and no other."""

    versions: frozenset[str]

    def require(self, view: DocumentView | DossierView) -> None:
        """In the act's own writing transaction, which no other comes between. Raises `Refusal` changed-since."""
        if version_of(view) in self.versions:
            return
        document = isinstance(view, DocumentView)
        name, code = ("document", view.id) if isinstance(view, DocumentView) else ("dossier", view.code)
        raise Refusal(
            "changed-since",
            f"{'Văn bản' if document else 'Hồ sơ'} đã thay đổi sau khi bạn đọc (If-Match). Chưa có gì được thực hiện; "
            "hãy đọc lại rồi quyết định.",
            f"The {name} has changed since it was read (If-Match). Nothing was done; read it again, then decide.",
            **{name: code, "state": view.state},
        )
