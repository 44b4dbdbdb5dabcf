"""Describes the open data for programs: OpenAPI 3.1, served at /api/openapi.json.

Written by hand, for three endpoints that seldom change; a test compares it with their responses.
"""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

_TEXTS_SCHEMA: Schema = {
    "type": "object",
    "description": "A text per language, by its code: {'nl': '...', 'en': '...'}.",
    "additionalProperties": {"type": "string"},
}
COUNT_SCHEMA: Schema = {
    "type": ["integer", "null"],
    "minimum": 0,
    "description": "A number of people, rounded to 5. Null is not nought: too few, or it would give one away.",
}
_DAY_SCHEMA: Schema = {"type": "string", "format": "date"}
URL_SCHEMA: Schema = {"type": "string", "format": "uri"}


def _object(properties: Mapping[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": dict(properties), "required": required}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _by_id(values: Schema, of: str) -> Schema:
    return {"type": "object", "description": f"By id of {of}.", "additionalProperties": values}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


OPTIONS: Schema = _by_id(COUNT_SCHEMA, "the option")

SCHEMAS: dict[str, Schema] = {
    "Area": _object({"id": {"type": "string"}, "name": {"type": "string"}}),
    "Option": _object({"id": {"type": "string"}, "label": _TEXTS_SCHEMA}),
    "Layer": _object(
        {"id": {"type": "string"}, "title": _TEXTS_SCHEMA, "for_everybody": {"type": "boolean"}}
    ),
    "Question": _object(
        {
            "id": {"type": "string"},
            "layer": {"type": "string", "description": "Id of the layer it is asked in."},
            "type": {"type": "string"},
            "several": {"type": "boolean", "description": "Whether one person could choose more than one."},
            "retired": {"type": "boolean", "description": "Whether it is no longer asked."},
            "text": _TEXTS_SCHEMA,
            "options": _list(_ref("Option")),
        }
    ),
    "Table": _object(
        {
            "on": {
                **_DAY_SCHEMA,
                "description": "The day of these numbers; a table is renewed when ten more are in it.",
            },
            "shown": {**COUNT_SCHEMA, "description": "About how many saw the question."},
            "answered": COUNT_SCHEMA,
            "options": OPTIONS,
            "by": {
                "type": "object",
                "description": "By neighbourhood (area) and kind of respondent (kind), in the final snapshot alone.",
                "additionalProperties": _by_id(OPTIONS, "the part"),
            },
        }
    ),
    "Way": _object(
        {
            "people": COUNT_SCHEMA,
            "on": _DAY_SCHEMA,
            "layers": _by_id(COUNT_SCHEMA, "the layer: how many finished it"),
            "questions": _by_id(_ref("Table"), "the question"),
        }
    ),
    "SnapshotLink": _object(
        {"id": {"type": "integer"}, "taken_on": _DAY_SCHEMA, "final": {"type": "boolean"}, "url": URL_SCHEMA}
    ),
    "Snapshot": _object(
        {
            "id": {"type": "integer"},
            "survey": {"type": "integer"},
            "taken_on": _DAY_SCHEMA,
            "final": {"type": "boolean"},
            "url": URL_SCHEMA,
            "people": COUNT_SCHEMA,
            "ways": {
                "type": "object",
                "description": "Who came by themselves (open) and who was invited (invited): do not add percentages.",
                "properties": {"open": _ref("Way"), "invited": _ref("Way")},
            },
        }
    ),
    "SurveyLink": _object(
        {
            "id": {"type": "integer"},
            "url": URL_SCHEMA,
            "title": _TEXTS_SCHEMA,
            "people": COUNT_SCHEMA,
            "taken_on": _DAY_SCHEMA,
            "final": {"type": "boolean"},
            "published_on": _DAY_SCHEMA,
        }
    ),
    "Surveys": _object(
        {
            "licence": URL_SCHEMA,
            "surveys": _list(_ref("SurveyLink")),
            "next": {
                "type": ["string", "null"],
                "format": "uri",
                "description": "The next page, if there is one.",
            },
        }
    ),
    "Survey": _object(
        {
            "id": {"type": "integer"},
            "url": URL_SCHEMA,
            "licence": URL_SCHEMA,
            "page": {"type": ["string", "null"], "format": "uri", "description": "The same for people."},
            "title": _TEXTS_SCHEMA,
            "words": {**_TEXTS_SCHEMA, "description": "What stands out, in the words of the municipality."},
            "areas": _list(_ref("Area")),
            "opened_on": _DAY_SCHEMA,
            "closed_on": {"type": ["string", "null"], "format": "date"},
            "published_on": _DAY_SCHEMA,
            "rounded_to": {"type": "integer"},
            "threshold": {"type": "integer", "description": "Fewer people than this are never told."},
            "layers": _list(_ref("Layer")),
            "questions": _list(_ref("Question")),
            "snapshot": _ref("Snapshot"),
            "snapshots": {**_list(_ref("SnapshotLink")), "description": "All of them, newest first."},
        }
    ),
}


def _parameter(name: str, where: str, about: str, *, required: bool = True) -> Schema:
    schema: Schema = {"type": "integer", "minimum": 1}
    return {"name": name, "in": where, "required": required, "description": about, "schema": schema}


def _get(summary: str, schema: str, parameters: list[Schema]) -> Schema:
    content = {"application/json": {"schema": _ref(schema)}}
    headers = {name: {"schema": {"type": "string"}} for name in ("ETag", "Last-Modified")}
    answers = {
        "200": {"description": summary, "content": content, "headers": headers},
        "304": {"description": "As it was when you asked before (If-None-Match, If-Modified-Since)."},
        "404": {"description": "Not there, or not published."},
    }
    return {"get": {"summary": summary, "parameters": parameters, "responses": answers}}


def describe(*, name: str, server: str, licence: str) -> Schema:
    survey = _parameter("id", "path", "The number of the survey; it never changes.")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{name}: what people said",
            "version": "1",
            "description": "Published outcomes of surveys, read only. Rounded to 5, and nobody is in them by name.",
            "license": {"name": "CC0" if "publicdomain/zero" in licence else licence, "url": licence},
        },
        "servers": [{"url": server}],
        "paths": {
            "/api/surveys/": _get(
                "Surveys with a published outcome, by id",
                "Surveys",
                [
                    _parameter("after", "query", "Only those with a higher id.", required=False),
                    _parameter(
                        "limit", "query", "At most so many; 50 unless told, 100 at most.", required=False
                    ),
                ],
            ),
            "/api/surveys/{id}/": _get("One survey with its questions and last tables", "Survey", [survey]),
            "/api/surveys/{id}/snapshots/{snapshot}/": _get(
                "The tables of one day", "Snapshot", [survey, _parameter("snapshot", "path", "The snapshot.")]
            ),
        },
        "components": {"schemas": SCHEMAS},
    }
