"""The description of the interface is one that others' tools can read, and pages of a list lose nothing."""

from openapi_spec_validator import validate

from tests.api.serving import Running


def test_it_is_valid_and_names_every_operation_once(service: Running) -> None:
    described = service.client().get("/api/v1/openapi.json").json()
    validate(described)
    operations = [operation for verbs in described["paths"].values() for operation in verbs.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert "documents_create" in names
    for operation in operations:
        assert operation["tags"], operation["operationId"]
        good = [answer for status, answer in operation["responses"].items() if status in {"200", "201", "202"}]
        assert all("schema" in kind for answer in good for kind in answer["content"].values()), operation["operationId"]
        assert all(kind["schema"] for answer in good for kind in answer["content"].values()), operation["operationId"]


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
