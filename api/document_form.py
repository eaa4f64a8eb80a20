"""How the body of POST /api/v1/documents is described: FastAPI cannot see it, since it is JSON or a form with a file,
and its dossier may stand inside it or flat beside it."""

from typing import Any, Final

from api.attachment_form import PART
from api.document_bodies import MOST_IN_BATCH, BatchItemBody, DocumentBody, DossierBody, ForeignBody, RegisteredBody

_REF: Final = "#/components/schemas/{model}"


def _schemas(model: type[DocumentBody | ForeignBody]) -> dict[str, Any]:
    """The model's schema with what it refers to, and its flat form, each by its name."""
    schema = model.model_json_schema(ref_template=_REF)
    found: dict[str, Any] = schema.pop("$defs")
    dossier = found[DossierBody.__name__]
    flat = {
        **schema,
        "title": f"Flat{model.__name__}",
        "description": f"As {model.__name__}, with the dossier's members beside the others and its code as `dossier`.",
        "properties": {
            **schema["properties"],
            **{name: value for name, value in dossier["properties"].items() if name != "code"},
            "dossier": dossier["properties"]["code"],
        },
        "required": [*schema["required"], *(name for name in dossier["required"] if name != "code")],
    }
    alone = {**dossier["properties"]["code"], "description": "The code alone of a dossier received here"}
    either_dossier = [{"$ref": _REF.format(model=one.__name__)} for one in (DossierBody, RegisteredBody)]
    schema["properties"] |= {"dossier": {"title": "Dossier", "anyOf": [*either_dossier, alone]}}
    return {**found, model.__name__: schema, flat["title"]: flat}


SCHEMAS: Final[dict[str, Any]] = {**_schemas(DocumentBody), **_schemas(ForeignBody), **_schemas(BatchItemBody)}
"""Component schemas by name."""


def either(model: type[DocumentBody | ForeignBody]) -> dict[str, Any]:
    """The body, or its flat form."""
    return {"anyOf": [{"$ref": _REF.format(model=name)} for name in (model.__name__, f"Flat{model.__name__}")]}


BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": either(DocumentBody)},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["document"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "The PDF; left out where the paper is to be generated",
                        },
                        "document": {
                            "type": "string",
                            "description": "As JSON: ForeignBody, or DocumentBody where there is no `file`",
                            "contentMediaType": "application/json",
                            "contentSchema": {"anyOf": [*either(ForeignBody)["anyOf"], *either(DocumentBody)["anyOf"]]},
                        },
                        "attachment": PART,
                    },
                }
            },
        },
    }
}
"""`openapi_extra` of the route."""

BATCH: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "title": "BatchBody",
                    "required": ["documents"],
                    "additionalProperties": False,
                    "properties": {
                        "documents": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": MOST_IN_BATCH,
                            "items": either(BatchItemBody),
                        }
                    },
                }
            }
        },
    }
}
"""As `BODY`, of the route that takes many."""
