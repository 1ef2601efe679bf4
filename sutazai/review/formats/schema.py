"""The JSON Schema of the report, as it is committed in `docs/reference/review.schema.json`."""

from typing import Any

from sutazai.review.formats.json_text import dump
from sutazai.review.report import ReviewReport


def render_schema() -> str:
    """The schema of what `--format json` prints.

    Unknown fields are allowed in it, though our models refuse them: fields are added within a major version, and a
    reader that checks with an older schema must go on working.
    """
    body = extensible(ReviewReport.model_json_schema(mode="serialization", by_alias=True))
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:sutazai:review:1"}
    return dump({**head, **body}) + "\n"


def extensible(value: Any) -> Any:
    """A schema in which unknown fields are allowed."""
    if isinstance(value, dict):
        return {
            key: extensible(each)
            for key, each in value.items()
            if not (key == "additionalProperties" and each is False)
        }
    return [extensible(each) for each in value] if isinstance(value, list) else value
