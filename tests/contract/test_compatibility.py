"""The schemas of today can read the log of the last release."""

import json
from copy import deepcopy
from typing import cast

import pytest

from libs.contracts.catalogue import TOPICS
from moe.generate.files import topic_schema
from tests.contract.compatibility import incompatibilities
from tests.contract.rules import ROOT

RELEASED = ROOT / "tests" / "fixtures" / "releases" / "topic-schemas.json"


def test_todays_schemas_are_compatible_with_those_of_the_last_release() -> None:
    """`python -m tests.contract.release_schemas` writes those of a release."""
    released = json.loads(RELEASED.read_text("utf-8"))
    assert released
    current = {topic.name: topic_schema(topic) for topic in TOPICS}
    broken = {name: incompatibilities(old, current.get(name, {})) for name, old in released.items()}
    assert {name: lines for name, lines in broken.items() if lines} == {}


OLD: dict[str, object] = {
    "$defs": {
        "Part": {
            "properties": {
                "id": {"type": "string"},
                "tier": {"enum": ["T1", "T2"], "type": "string"},
                "kind": {"anyOf": [{"$ref": "#/$defs/Kind"}, {"type": "null"}]},
                "parts": {"items": {"$ref": "#/$defs/Part"}, "type": "array"},
            },
            "required": ["id"],
        },
        "Kind": {"enum": ["tool", "expert"], "type": "string"},
    },
    "properties": {"part": {"$ref": "#/$defs/Part"}},
}


def _changed(path: str, value: object) -> dict[str, object]:
    new = deepcopy(OLD)
    node = new
    *steps, last = path.split("/")
    for step in steps:
        node = cast(dict[str, object], node[step])
    if value is None:
        del node[last]
    else:
        node[last] = value
    return new


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("$defs/Part/properties/id", None, "Part: field id is gone"),
        ("$defs/Part/properties/id/type", "integer", "Part: field id changed its type"),
        ("$defs/Part/required", ["id", "tier"], "Part: field tier has become required"),
        ("$defs/Part/properties/tier/enum", ["T1"], "Part: field tier no longer knows ['T2']"),
        ("$defs/Part", None, "Part is gone"),
        ("$defs/Kind/enum", ["tool"], "Kind no longer knows ['expert']"),
        ("$defs/Kind/type", "integer", "Kind changed its type"),
        ("$defs/Part/properties/kind/anyOf", [{"$ref": "#/$defs/Kind"}], "Part: field kind changed its type"),
        ("$defs/Part/properties/parts/items", {"type": "string"}, "Part: field parts changed its $ref"),
        ("properties/part", {"type": "string"}, "the message: field part changed its $ref"),
        ("properties/part", None, "the message: field part is gone"),
    ],
)
def test_a_break_is_found(path: str, value: object, complaint: str) -> None:
    assert incompatibilities(OLD, _changed(path, value)) == [complaint]


def _renamed(schema: dict[str, object], old: str, new: str) -> dict[str, object]:
    return cast(dict[str, object], json.loads(json.dumps(schema).replace(old, new)))


def test_another_name_of_a_definition_breaks_nothing() -> None:
    assert incompatibilities(OLD, _renamed(OLD, "Part", "Section")) == []


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("$defs/Part/properties/id", None, "Part: field id is gone"),
        ("$defs/Kind/enum", ["tool"], "Kind no longer knows ['expert']"),
    ],
)
def test_a_break_in_a_definition_with_another_name_is_found(path: str, value: object, complaint: str) -> None:
    changed = _renamed(_renamed(_changed(path, value), "Part", "Section"), "Kind", "Sort")
    assert incompatibilities(OLD, changed) == [complaint]


def test_a_name_that_means_another_definition_now_is_found() -> None:
    swapped = _changed("$defs/Part/properties/kind/anyOf", [{"$ref": "#/$defs/Other"}, {"type": "null"}])
    cast(dict[str, object], swapped["$defs"])["Other"] = {"enum": ["tool"], "type": "string"}
    assert incompatibilities(OLD, swapped) == ["Kind no longer knows ['expert']"]


def test_a_new_field_with_a_default_breaks_nothing() -> None:
    assert incompatibilities(OLD, _changed("$defs/Part/properties/note", {"type": "string", "default": ""})) == []


def test_a_second_message_on_a_topic_breaks_nothing() -> None:
    alone: dict[str, object] = {**OLD, "title": "Planned"}
    second = {
        "$defs": {**cast(dict[str, object], OLD["$defs"]), "Planned": OLD, "Other": {"properties": {}}},
        "anyOf": [{"$ref": "#/$defs/Planned"}, {"$ref": "#/$defs/Other"}],
    }
    assert incompatibilities(alone, second) == []


def test_a_message_that_left_its_topic_is_found() -> None:
    assert incompatibilities({**OLD, "title": "Planned"}, OLD) == ["Planned is gone"]
