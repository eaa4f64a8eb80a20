"""The description of the interface is one that others' tools can read, and pages of a list lose nothing."""

import re
from collections import Counter
from functools import reduce
from operator import getitem

from jsonschema import Draft202012Validator
from openapi_spec_validator.schemas import openapi_v31_schema_validator

from api.operations import GROUPS, NAMES
from api.problems import TITLES
from tests.api.serving import Running

METHODS = {"get", "post", "put", "patch", "delete"}


def test_it_is_valid_and_names_every_operation_once(service: Running) -> None:
    answer = service.client().get("/api/v1/openapi.json")
    described = answer.json()
    assert list(openapi_v31_schema_validator.iter_errors(described)) == []
    for reference in re.findall(r'"\$ref":"#/([^"]+)"', answer.text):
        reduce(getitem, reference.split("/"), described)
    operations = [operation for verbs in described["paths"].values() for operation in verbs.values()]
    for operation in operations:
        good = [answer for status, answer in operation["responses"].items() if status in {"200", "201", "202"}]
        assert all("schema" in kind for answer in good for kind in answer["content"].values()), operation["operationId"]
        assert all(kind["schema"] for answer in good for kind in answer["content"].values()), operation["operationId"]
    titles = Counter(one["title"] for one in described["components"]["schemas"].values() if "title" in one)
    assert max(titles.values()) == 1, "a generated client has one class of a name"


def test_names_of_operations_and_groups_are_those_of_the_table(service: Running) -> None:
    """Clients are generated from them: a new call gets its name in api/operations.py, an old one keeps it."""
    described = service.client().get("/api/v1/openapi.json").json()
    names = {
        f"{verb.upper()} {path}": operation["operationId"]
        for path, verbs in described["paths"].items()
        for verb, operation in verbs.items()
        if verb in METHODS
    }
    assert names == NAMES
    assert max(Counter(NAMES.values()).values()) == 1
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in NAMES.values())
    tags = {tag for verbs in described["paths"].values() for operation in verbs.values() for tag in operation["tags"]}
    assert [tag["name"] for tag in described["tags"]] == list(GROUPS)
    assert tags == GROUPS.keys()


def test_it_says_who_answers_where_and_under_which_licence(service: Running) -> None:
    described = service.client().get("/api/v1/openapi.json").json()
    assert described["servers"] == [{"url": service.settings.public_url, "description": service.settings.office_en}]
    assert described["info"]["contact"]["url"].rstrip("/") == service.settings.public_url
    assert described["info"]["license"]["identifier"] == "Apache-2.0"
    assert all(scheme["description"] for scheme in described["components"]["securitySchemes"].values())


def test_a_refusal_is_described_once_and_its_types_may_grow(service: Running) -> None:
    """A generated client must read a problem whose type is newer than the client; those there are now are named."""
    described = service.client().get("/api/v1/openapi.json").json()
    shared = described["components"]["responses"]
    for verbs in described["paths"].values():
        for operation in verbs.values():
            for status, answer in operation["responses"].items():
                assert ("$ref" in answer) == (status == "default" or status >= "400"), operation["operationId"]
    problem = {**described["components"]["schemas"]["Problem"], "components": described["components"]}
    for answer in shared.values():
        for kind in answer["content"].values():
            if "example" in kind:
                Draft202012Validator(problem).validate(kind["example"])
    later = {"type": "urn:secondseal:problem:of-next-year", "title": "A", "status": 409, "detail": "B", "more": 1}
    Draft202012Validator(problem).validate(later)
    assert not Draft202012Validator(problem).is_valid(later | {"type": "about:blank"})
    known = problem["properties"]["type"]["anyOf"][0]["enum"]
    assert {f"urn:secondseal:problem:{code}" for code in TITLES} == set(known)
    assert all(code in problem["description"] for code in known)


def test_pages_of_documents_hold_each_once_while_more_are_taken_in(service: Running) -> None:
    """A cursor stays where it is: what comes in between stands on its own place or is not seen, and moves no other."""
    there = {service.place.paper().id for _ in range(5)}
    client, seen, cursor = service.program("documents:read"), [], {}
    while True:
        page = client.get("/api/v1/documents", params={"limit": 2, **cursor}).json()
        seen += [one["id"] for one in page["documents"]]
        if page["next"] is None:
            break
        assert len(page["documents"]) == 2
        if len(seen) < 8:
            service.place.paper()
        cursor = {"cursor": page["next"]}
    assert len(seen) == len(set(seen))
    assert there <= set(seen)
    unknown = client.get("/api/v1/documents", params={"cursor": "khong-co"})
    assert (unknown.status_code, unknown.json()["type"].rpartition(":")[2]) == (404, "not-found")
    assert client.get("/api/v1/documents", params={"limit": 201}).status_code == 422
