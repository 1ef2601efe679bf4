"""The JSON schemas of what commands print with `--json`: one file for each area."""

from inspect import getmembers, isclass

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from sutazai.rag import report
from sutazai.review.formats.json_text import dump
from sutazai.review.formats.schema import extensible


def reports() -> list[type[BaseModel]]:
    """Every report about documents, by its `schema`."""
    found = [each for _, each in getmembers(report, isclass) if issubclass(each, BaseModel)]
    return sorted((each for each in found if "schema_" in each.model_fields), key=schema_of)


def schema_of(model: type[BaseModel]) -> str:
    """What stands in the field `schema` of a report."""
    return str(model.model_fields["schema_"].default)


def docs_schema() -> str:
    """The schema of every report about documents: which one holds, its field `schema` says."""
    models = reports()
    references, shared = models_json_schema([(each, "serialization") for each in models], by_alias=True)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:sutazai:docs:1"}
    choices = [references[(each, "serialization")] for each in models]
    return dump({**head, "oneOf": choices, **extensible(shared)}) + "\n"
