"""Calls made up from the description of the interface (schemathesis), sent to the real service by those who may call.

Each operation is asked with what fits its schema and names what there is, and with what does not fit. Every answer has
a status the description names for that call (its `default` counts for nothing here), the content type, the headers and
the shape; what does not fit is never taken.
"""

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.clients import SCOPES
from stamping import approvals
from tests.api.administrators import add_administrators, caller
from tests.api.serving import Running
from tests.stamping.office_desk import OFFICER

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
_TAKES_ALL: Final = {
    "/api/v1/documents/batch": "what is wrong with an item is answered in its place, under 200",
    "/api/v1/verifications": "the verdict is on any bytes",
}
"""Where what does not fit is no refusal of the call."""
_PERSONS: Final = {"/api/v1/seals": "custodian", "/api/v1/steps": "custodian", "/api/v1/office": "administrator"}
_NOBODYS: Final = ("/api/v1/verifications", "/api/v1/session", "/log/")


class Conformance:
    """An office with a paper in each of the states that calls ask for, and who calls."""

    def __init__(self, office: Running) -> None:
        self._office = office
        add_administrators(office)
        place = office.place
        sealed, self._waiting = place.sealed(), place.paper()
        ticket = approvals.open_list(place.desk, [self._waiting.id], OFFICER, "cán bộ")
        self._known: dict[str, Any] = {
            "document_id": sealed.id,
            "approval_id": ticket.id,
            "confirmation_id": place.confirm(self._approved()),
            "number": 1,
            "path": "0/000.p/1",
        }
        self.statuses: Counter[tuple[str, int]] = Counter()
        described = deepcopy(office.client().get("/api/v1/openapi.json").json())
        for verbs in described["paths"].values():
            for operation in verbs.values():
                del operation["responses"]["default"]
                del operation["security"]  # who calls is ours to say: `_headers`
        self._schema = schemathesis.openapi.from_dict(described, config=SchemathesisConfig())
        self._schema.config.update(base_url=office.url)

    def operations(self) -> Iterator[APIOperation[Any, Any, Any, Any]]:
        """All there are."""
        for found in self._schema.get_all_operations():
            yield found.ok()

    def ask(self, operation: APIOperation[Any, Any, Any, Any], examples: int) -> None:
        """Raises what schemathesis found."""
        headers = self._headers(operation.path)
        checks = CHECKS[:-1] if operation.path in _TAKES_ALL else CHECKS
        with requests.Session() as session:
            for mode in GenerationMode:
                fitting = mode is GenerationMode.POSITIVE
                if not fitting and not _can_be_wrong(operation.definition.raw):
                    continue
                named = {name: value for name, value in self._known.items() if f"{{{name}}}" in operation.path}
                cases = operation.as_strategy(mode, path_parameters=named if fitting else None)

                @seed(20261129)
                @settings(
                    max_examples=examples,
                    database=None,
                    deadline=None,
                    phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                )
                @given(case=cases)
                def each(case: Any) -> None:
                    answer = case.call(session=session, headers=headers, allow_redirects=False)
                    self.statuses[operation.label, answer.status_code] += 1
                    case.validate_response(answer, checks=checks)

                each()

    def _approved(self) -> str:
        document = self._office.place.paper()
        self._office.place.approve(document.id)
        return document.id

    def _headers(self, path: str) -> dict[str, str]:
        if path.startswith(_NOBODYS):
            return {}
        for start, role in _PERSONS.items():
            if path.startswith(start):
                cookies = caller(self._office, role).cookies
                return {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        return {"authorization": self._office.program(*SCOPES).headers["authorization"]}


def _can_be_wrong(operation: dict[str, Any]) -> bool:
    """It asks for more than names in its path, which may be any text."""
    asked = [
        one for one in operation.get("parameters", []) if (one["in"], one["schema"].get("type")) != ("path", "string")
    ]
    return bool(asked) or "requestBody" in operation
