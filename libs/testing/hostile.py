"""Hostile numbers and texts in every field of a JSON document, as bytes: made from the types, the same on every run.

Values are JSON text and not Python's, because no encoder writes the worst of them.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from libs.contracts.catalogue import MESSAGES
from libs.contracts.examples import EXAMPLES
from libs.contracts.message import Message

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Schema: TypeAlias = Mapping[str, object]
Path: TypeAlias = tuple[str | int, ...]
T = TypeVar("T")

NUMBERS = (
    "-1",
    "0",
    "2147483648",
    "1099511627777",  # 2^40 + 1
    "9007199254740993",  # 2^53 + 1
    "9000000000000000000",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "1" + "0" * 400,
    "1e308",
    "-1e308",
    "5e-324",
    "9224318016000",  # the year 294277, in seconds
)
NO_NUMBERS = ("NaN", "Infinity", "-Infinity", "1e999", "9" * 5000, "01", "-")
TEXTS = (
    r'"\u0000"',
    r'"a\u0000b"',
    r'"\ud800"',
    r'"\udfff\ud800"',
    '""',
    '"%s"' % ("x" * 70_000),
    '"%s"' % ("9" * 400),
    r'"\u202e\u001b[2J\r\n"',
    '"-1"',
    '"1e999"',
    '"NaN"',
    '"\U0001f600\uffff"',
    '"\'); DROP TABLE moe.usage; --"',
    '"moe/../../etc/passwd"',
)
OTHERS = ("null", "true", "[]", "{}", '[{"a":1}]', "[" * 300 + "]" * 300, "[" * 2000 + "]" * 2000)
_MARK = "\u2603 the hostile value stands here \u2603"


@dataclass(frozen=True, slots=True)
class Case:
    """A document with one hostile value. `where` names the field."""

    where: str
    body: bytes


def cases_of(document: Json, *, foreign: bool) -> Iterator[Case]:
    """Yield the document with one hostile field at a time.

    `foreign`: the producer is untyped, so a number may replace a text.
    """
    for path, value in _leaves(document):
        marked = json.dumps(_with(document, path, _MARK), ensure_ascii=False)
        for hostile in _values(value, foreign=foreign):
            yield Case(f"{'.'.join(map(str, path))}={hostile[:24]}", marked.replace(f'"{_MARK}"', hostile).encode())


def full_documents() -> Mapping[type[Message], Json]:
    """For each message a document with every field present."""
    examples = {type(example): example for example in EXAMPLES}
    return {kind: _full(kind, examples[kind]) for kind in MESSAGES}


def drawn(cases: Sequence[T], count: int, seed: int) -> list[T]:
    """A sample in stable order; all cases if there are fewer than `count`."""
    if count >= len(cases):
        return list(cases)
    chosen = sorted(random.Random(seed).sample(range(len(cases)), count))
    return [cases[number] for number in chosen]


def _values(value: Json, *, foreign: bool) -> Sequence[str]:
    if foreign:
        return (*NUMBERS, *NO_NUMBERS, *TEXTS, *OTHERS)
    if isinstance(value, str):
        return TEXTS
    return (*NUMBERS, *NO_NUMBERS) if isinstance(value, int | float) and not isinstance(value, bool) else ()


def _leaves(value: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _leaves(each, (*path, name))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _leaves(each, (*path, number))
    else:
        yield path, value


def _with(value: Json, path: Path, leaf: Json) -> Json:
    if not path:
        return leaf
    first, *rest = path
    if isinstance(value, dict):
        return {name: _with(each, tuple(rest), leaf) if name == first else each for name, each in value.items()}
    if isinstance(value, list):
        return [_with(each, tuple(rest), leaf) if number == first else each for number, each in enumerate(value)]
    raise TypeError(f"{first!r} leads nowhere")


def _full(kind: type[Message], example: Message) -> Json:
    """Fill empty fields of the example, as far as a value of its schema is valid."""
    document: Json = json.loads(example.body())
    schema = kind.model_json_schema()
    for path, node in list(_empty(document, schema, schema)):
        filled = _with(document, path, _made(node, schema))
        if _is_taken(kind, filled):
            document = filled
    return document


def _empty(value: Json, node: Schema, root: Schema, path: Path = ()) -> Iterator[tuple[Path, Schema]]:
    """Yield the empty fields with their schemas."""
    node = _resolved(node, root)
    if value in (None, [], {}, ""):
        yield path, node
    elif isinstance(value, dict) and isinstance(properties := node.get("properties"), Mapping):
        for name in properties.keys() & value.keys():
            yield from _empty(value[name], properties[name], root, (*path, name))
    elif isinstance(value, list) and isinstance(items := node.get("items"), Mapping):
        yield from _empty(value[0], items, root, (*path, 0))


def _is_taken(kind: type[Message], document: Json) -> bool:
    try:
        kind.model_validate_json(json.dumps(document))
    except ValueError:
        return False
    return True


def _resolved(node: Schema, root: Schema) -> Schema:
    """Schema behind a reference, or behind a choice with null."""
    if isinstance(choices := node.get("anyOf"), list):
        return _resolved(next(each for each in choices if each.get("type") != "null"), root)
    if not isinstance(reference := node.get("$ref"), str):
        return node
    definitions = root["$defs"]
    assert isinstance(definitions, Mapping)
    return _resolved(definitions[reference.rpartition("/")[2]], root)


def _made(node: Schema, root: Schema) -> Json:
    """A small value of a JSON schema."""
    node = _resolved(node, root)
    if isinstance(words := node.get("enum"), list):
        return str(words[0])
    if "const" in node:
        return str(node["const"])
    return _made_of(node, root)


def _made_of(node: Schema, root: Schema) -> Json:
    match node.get("type"):
        case "object":
            properties = node.get("properties")
            fields = properties.items() if isinstance(properties, Mapping) else ()
            return {name: _made(each, root) for name, each in fields} or {"key": "text"}
        case "array":
            items = node.get("items")
            return [_made(items, root)] if isinstance(items, Mapping) else []
        case "integer" | "number":
            return 1
        case "boolean":
            return True
        case _:
            return "text"
