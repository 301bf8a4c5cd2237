"""`structured_validate`: formats against other readers, schemas against another validator."""

import csv
import hashlib
import io
import json
import random
import re
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from contextlib import suppress

import pytest
import yaml
from pydantic import JsonValue

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.data.structured_validate.reading import read_document
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.json_documents import same, text, value
from tests.unit.services.mcp.tools.pure.data.test_json_query import strictly


def run(format_name: str, payload: str, schema: JsonValue = None, dialect: str | None = None) -> dict[str, JsonValue]:
    args: dict[str, JsonValue] = {"format_name": format_name, "payload": payload, "csv_dialect": dialect}
    return invoke("structured_validate", args | ({} if schema is None else {"schema_json": json.dumps(schema)})).result


def findings(result: dict[str, JsonValue]) -> list[dict[str, JsonValue]]:
    found = result["diagnostics"]
    assert isinstance(found, list)
    return [one for one in found if isinstance(one, dict)]


def first(result: dict[str, JsonValue]) -> tuple[JsonValue, JsonValue, JsonValue]:
    one = findings(result)[0]
    return one["code"], one["line"], one["column"]


jsonschema = pytest.importorskip("jsonschema")

# --- JSON


def test_json_is_valid_where_a_strict_reader_takes_it(exact: Exactness) -> None:
    rng = random.Random(91)
    for _ in exact.cases("structured_validate", 1_500):
        document = list(text(rng, value(rng, 3)))
        if rng.random() < 0.6:
            document[rng.randrange(len(document))] = rng.choice('[]{},:"\\x1')
        try:
            strictly("".join(document))
            expected = True
        except ValueError:
            expected = False
        result = run("json", "".join(document))
        assert result["valid"] == result["well_formed"] == expected
        assert (result["value_sha256"] is not None) == expected


def test_hashes_are_of_the_bytes_and_of_the_ordered_value() -> None:
    result = run("json", '{"b": 1, "a": "ü"}')
    assert result["payload_sha256"] == hashlib.sha256('{"b": 1, "a": "ü"}'.encode()).hexdigest()
    assert result["value_sha256"] == hashlib.sha256('{"a":"ü","b":1}'.encode()).hexdigest()
    assert run("yaml", "b: 1\na: ü\n")["value_sha256"] == result["value_sha256"]


# --- YAML


def test_yaml_that_is_written_from_a_value_is_read_as_that_value(exact: Exactness) -> None:
    rng = random.Random(92)
    for _ in exact.cases("structured_validate", 800):
        document = value(rng, 4)
        written = yaml.safe_dump(
            document, allow_unicode=rng.random() < 0.5, default_flow_style=rng.choice((True, False, None))
        )
        if "&id" in written:  # the dumper shares equal values
            continue
        found = read_document("yaml", written, "comma")
        assert found.has_value, (written, found.findings)
        assert same(json.loads(json.dumps(found.value)), sorted_keys(document)), written


def sorted_keys(document: JsonValue) -> JsonValue:
    if isinstance(document, dict):
        return {key: sorted_keys(document[key]) for key in sorted(document)}
    return [sorted_keys(item) for item in document] if isinstance(document, list) else document


def test_json_is_yaml_too_and_has_the_same_places(exact: Exactness) -> None:
    rng = random.Random(93)
    for _ in exact.cases("structured_validate", 600):
        document = json.dumps(value(rng, 4), indent=1, ensure_ascii=False)
        as_json, as_yaml = (read_document(name, document, "comma") for name in ("json", "yaml"))
        assert same(json.loads(json.dumps(as_yaml.value)), json.loads(document))
        assert as_yaml.places == as_json.places


@pytest.mark.parametrize(
    ("payload", "code", "line", "column"),
    [
        ("- 1\n- a: 1\n  a: 2", "duplicate_key", 3, 3),
        ("a: [1", "syntax", 2, 1),
        ("a: b: c", "syntax", 1, 5),
        ("a:\n\t- b", "syntax", 2, 1),
        ("", "empty", None, None),
        ("# nothing", "empty", None, None),
    ],
    ids=range(6),
)
def test_yaml_that_is_broken_is_not_valid(payload: str, code: str, line: int | None, column: int | None) -> None:
    result = run("yaml", payload)
    assert (result["valid"], result["value_sha256"]) == (False, None)
    assert first(result) == (code, line, column)


@pytest.mark.parametrize(
    ("format_name", "payload", "code", "place"),
    [
        ("yaml", "a: *x", "undecided", "line 1, column 4"),
        ("yaml", "a: &x 1", "undecided", "line 1, column 4"),
        ("yaml", "a: !!str 1", "undecided", "line 1, column 4"),
        ("yaml", "!x\na: 1", "undecided", "line 1, column 1"),
        ("yaml", "<<: {a: 1}", "undecided", "line 1, column 1"),
        ("yaml", "? [a]\n: 1", "undecided", "line 1, column 3"),
        ("yaml", "--- 1\n--- 2", "undecided", "line 2, column 1"),
        ("yaml", "a: .nan", "undecided", "line 1, column 4"),
        ("yaml", "a: 1e999", "undecided", "line 1, column 4"),
        ("yaml", "lol1: &a [x]\nlol2: [*a, *a]", "undecided", "line 1, column 7"),
        ("yaml", "[" * 101 + "]" * 101, "limit_exceeded", "line 1, column 101"),
        ("yaml", "- " * 101 + "1", "limit_exceeded", "line 1, column 201"),
        ("xml", "<!DOCTYPE a><a/>", "undecided", "line 1, column 1"),
        ("xml", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "undecided", "line 1, column "),
        ("xml", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "undecided", "line 1, column 1"),
        ("xml", '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1/">]><a>&x;</a>', "undecided", "line 1, column "),
        (
            "xml",
            '<a xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="x"/></a>',
            "undecided",
            "line 1, column 46",
        ),
        ("xml", "<a>" * 101 + "</a>" * 101, "limit_exceeded", "line 1, column 301"),
    ],
    ids=range(18),
)
def test_what_a_standard_allows_and_is_not_read_is_called_neither_valid_nor_invalid(
    format_name: str, payload: str, code: str, place: str
) -> None:
    with pytest.raises(ToolError, match=place) as caught:
        run(format_name, payload)
    assert caught.value.code == code


BOTH = re.compile(r"[-+]\.|.*e")


def test_a_scalar_that_a_reader_of_yaml_1_1_takes_for_something_else_is_warned_of(exact: Exactness) -> None:
    rng, warned = random.Random(94), 0
    turns = exact.cases("structured_validate", 3_000)
    for _ in turns:
        scalar = rng.choice(("", "", "0x", "0b", "0o", "2024-1", "12:", "y", "o")) + "".join(
            rng.choices("0123789_:.-+abenoxT", k=rng.randrange(1, 7))
        )
        try:
            other = yaml.safe_load(f"- {scalar}")
        except (yaml.YAMLError, ValueError):
            continue
        found = read_document("yaml", f"- {scalar}", "comma")
        (read,) = found.value if isinstance(found.value, list) else (None,)
        if not found.has_value or isinstance(read, dict | list) or (isinstance(read, float) and BOTH.match(scalar)):
            continue  # keys; floats that PyYAML takes for texts, although 1.1 has them too
        if not same(json.loads(json.dumps(read)), other[0]):
            assert [one.code for one in found.findings] == ["ambiguous_scalar"], scalar
            warned += 1
    assert warned > len(turns) / 100


@pytest.mark.parametrize(
    ("scalar", "expected", "warned"),
    [
        ("yes", "yes", True), ("NO", "NO", True), ("on", "on", True), ("true", True, False), ("012", 12, True),
        ("0o14", 12, True), ("0x1F", 31, False), ("12:30", "12:30", True), ("2024-01-15", "2024-01-15", True),
        ("1_000", "1_000", True), ("~", None, False), ("null", None, False), ("1.50", 1.5, False), ("+7", 7, False),
        (".5", 0.5, False), ("1e3", 1000.0, False), ("'yes'", "yes", False), ('"012"', "012", False), ("x", "x", False),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2_and_others_readings_are_warned_of(
    scalar: str, expected: JsonValue, *, warned: bool
) -> None:
    found = read_document("yaml", f"a: {scalar}", "comma")
    assert same(json.loads(json.dumps(found.value)), {"a": expected})
    assert [one.code for one in found.findings] == ["ambiguous_scalar"] * warned
    assert run("yaml", f"a: {scalar}")["valid"]


# --- XML


def element(rng: random.Random, depth: int = 4) -> str:
    name, note = (
        rng.choice(("a", "b", "c.d", "é")),
        rng.choice(("", ' x="1"', " y='&lt;'", "<!-- n -->", "text &amp; ")),
    )
    inner = "".join(element(rng, depth - 1) for _ in range(rng.randrange(3))) if depth else ""
    return f"<{name}{note}>{inner}</{name}>" if note[:1] in ("", " ") else f"<{name}>{note}{inner}</{name}>"


def test_xml_is_well_formed_where_another_reader_takes_it() -> None:
    rng, broken = random.Random(94), 0
    for _ in range(1500):
        document = list(element(rng))
        if rng.random() < 0.6:
            document[rng.randrange(len(document))] = rng.choice("<>&/\"'ab =;")
        payload = "".join(document)
        try:
            count = sum(1 for _ in ET.fromstring(payload).iter())
        except ET.ParseError:
            broken += 1
            assert not run("xml", payload)["valid"], payload
            continue
        assert (run("xml", payload)["valid"], run("xml", payload)["parts"]) == (True, count), payload
    assert broken > 200


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ("<a>&x;</a>", "syntax"),
        ("<a:b/>", "syntax"),
        ("<a b='1' b='2'/>", "syntax"),
        ("", "syntax"),
    ],
    ids=range(4),
)
def test_xml_that_is_broken_is_not_valid(payload: str, code: str) -> None:
    result = run("xml", payload)
    assert (result["valid"], findings(result)[0]["code"]) == (False, code)


# --- CSV


@pytest.mark.parametrize(("dialect", "delimiter"), [("comma", ","), ("semicolon", ";"), ("tab", "\t"), ("pipe", "|")])
def test_csv_is_read_as_the_standard_library_reads_it(dialect: str, delimiter: str, exact: Exactness) -> None:
    rng = random.Random(f"csv {dialect}")
    for _ in exact.cases("structured_validate", 500):
        width = rng.randrange(1, 5)
        rows = [[f"h{n}" for n in range(width)]]
        rows += [["".join(rng.choices('ab ,;|\t"\né', k=rng.randrange(4))) for _ in range(width)] for _ in range(3)]
        out = io.StringIO()
        kind = csv.writer(out, csv.excel if rng.random() < 0.5 else csv.unix_dialect, delimiter=delimiter)
        kind.writerows(rows)
        found = read_document("csv", out.getvalue(), dialect)  # type: ignore[arg-type]  # one of them
        assert found.value == list(
            csv.DictReader(io.StringIO(out.getvalue(), newline=""), delimiter=delimiter, strict=True)
        )
        assert found.findings == ()


def test_each_cell_is_where_it_is_said_to_be() -> None:
    found = read_document("csv", 'a,b\n1,"x\ny"\n2,z\n', "comma")
    assert found.places[(0, "b")] == (2, 3)
    assert found.places[(1, "a")] == (4, 1)


@pytest.mark.parametrize(
    ("payload", "code", "line", "column"),
    [
        ("a,b\n1\n", "row_length", 2, 1),
        ("a,b\n1,2,3\n", "row_length", 2, 1),
        ("a,a\n1,2", "header", 1, 1),
        ("a,\n1,2", "header", 1, 3),
        ('a\n"x', "quote", 2, 1),
        ('a\n"x"y', "quote", 2, 4),
        ('a\nx"y', "quote", 2, 2),
        ("a\rb", "newline", 1, 2),
        ("", "empty", None, None),
    ],
    ids=range(9),
)
def test_broken_csv_is_not_valid(payload: str, code: str, line: int | None, column: int | None) -> None:
    result = run("csv", payload)
    assert result["valid"] is False
    assert first(result) == (code, line, column)


# --- JSON Schema


def schema(rng: random.Random, depth: int = 3) -> JsonValue:
    """A schema over the documents that `value` makes."""
    if not depth or rng.random() < 0.1:
        return rng.choice((True, False, {}))
    kinds = ("null", "boolean", "integer", "number", "string", "array", "object")
    keywords: dict[str, JsonValue] = {}
    for _ in range(rng.randrange(1, 4)):
        choices: tuple[Callable[[], dict[str, JsonValue]], ...] = (
            lambda: {"type": rng.choice(kinds)},
            lambda: {"type": rng.sample(kinds, 3)},
            lambda: {"enum": [rng.choice((None, True, 0, 1, "a", "", [])) for _ in range(3)]},
            lambda: {"const": rng.choice((None, False, 1, 1.0, "a", {}, []))},
            lambda: {"properties": {name: schema(rng, depth - 1) for name in rng.sample(("a", "b", "name"), 2)}},
            lambda: {"patternProperties": {rng.choice(("^a", "b", "e$", ".")): schema(rng, depth - 1)}},
            lambda: {"additionalProperties": schema(rng, depth - 1)},
            lambda: {"required": rng.sample(("a", "b", "name"), 1)},
            lambda: {"propertyNames": {"maxLength": rng.randrange(1, 5)}},
            lambda: {"items": schema(rng, depth - 1)},
            lambda: {"prefixItems": [schema(rng, depth - 1), schema(rng, depth - 1)]},
            lambda: {"contains": schema(rng, depth - 1), "minContains": rng.randrange(3)},
            lambda: {"uniqueItems": rng.random() < 0.7},
            lambda: {"minItems": rng.randrange(3), "maxItems": rng.randrange(2, 5)},
            lambda: {"minProperties": rng.randrange(3)},
            lambda: {"minimum": rng.choice((0, 1, 0.5)), "exclusiveMaximum": 10},
            lambda: {"multipleOf": rng.choice((1, 2, 0.5))},
            lambda: {"minLength": rng.randrange(3), "maxLength": rng.randrange(2, 6)},
            lambda: {"pattern": rng.choice(("^a", "[0-9]+", "^$", "e|x", "(a+)+$"))},
            lambda: {"allOf": [schema(rng, depth - 1)]},
            lambda: {"anyOf": [schema(rng, depth - 1), schema(rng, depth - 1)]},
            lambda: {"oneOf": [schema(rng, depth - 1), schema(rng, depth - 1)]},
            lambda: {"not": schema(rng, depth - 1)},
            lambda: {"if": schema(rng, depth - 1), "then": schema(rng, depth - 1), "else": schema(rng, depth - 1)},
            lambda: {"dependentRequired": {"a": ["b"]}},
            lambda: {"properties": {"a": {"$ref": "#"}}},
            lambda: {"unevaluatedProperties": schema(rng, depth - 1)},
            lambda: {"unevaluatedItems": schema(rng, depth - 1)},
        )
        keywords |= rng.choice(choices)()
    return keywords


def test_values_fit_a_schema_where_another_validator_says_so(exact: Exactness) -> None:
    rng, counts = random.Random(95), {True: 0, False: 0}
    turns = exact.cases("structured_validate", 2_500)
    for _ in turns:
        document, wanted = value(rng, 3), schema(rng)
        assert isinstance(wanted, dict | bool)
        expected = jsonschema.Draft202012Validator(wanted).is_valid(document)
        try:
            result = run("json", json.dumps(document), wanted)
        except ToolError:
            exact.refuse("structured_validate")
            continue
        assert result["valid"] == expected, (document, wanted)
        counts[expected] += 1
    assert min(counts.values()) > len(turns) / 8


# keywords that restrict one value alone, independent of others
LOCAL = (
    "type", "enum", "const", "required", "minItems", "maxItems", "minProperties", "minimum", "exclusiveMaximum",
    "multipleOf", "minLength", "pattern", "uniqueItems", "not", "anyOf", "oneOf",
)  # fmt: skip


def test_every_finding_points_to_the_value_that_does_not_fit(exact: Exactness) -> None:
    rng, told, silent = random.Random(96), 0, 0
    turns = exact.cases("structured_validate", 1_500)
    for _ in turns:
        document, wanted = value(rng, 3), schema(rng)
        for one in findings(run("json", json.dumps(document, indent=1), wanted)):
            assert one["schema_pointer"] is not None
            part = at(wanted, one["schema_pointer"])
            assert part is not _NOWHERE or "$ref" in str(one["schema_pointer"])
            if one["pointer"] is None:  # two equal places, an empty key between them
                silent += 1
                continue
            told += 1
            assert isinstance(one["line"], int)
            here = at(document, one["pointer"])
            if part is not _NOWHERE and one["code"] in LOCAL:
                assert not jsonschema.Draft202012Validator({str(one["code"]): part}).is_valid(here)
    assert told > len(turns) / 3
    assert silent <= told / 50


def test_keys_that_paths_lose_are_found_again() -> None:
    each: JsonValue = {"additionalProperties": {"additionalProperties": {"maximum": 1}, "type": "object"}}
    for document, pointer in (
        ('{"": {"a": 2}}', "//a"),
        ('{"0": {"+1": 2}}', "/0/+1"),
        ('{"": {"": 2}}', "//"),
        ('{"": 1}', "/"),
    ):
        assert [one["pointer"] for one in findings(run("json", document, each))] == [pointer]


_NOWHERE: JsonValue = object()  # type: ignore[assignment]  # equal to no value


def at(here: JsonValue, pointer: JsonValue) -> JsonValue:
    """Follow a JSON Pointer."""
    for step in str(pointer).split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(here, dict):
            here = here.get(step, _NOWHERE)
        else:
            here = here[int(step)] if isinstance(here, list) and step.isdigit() and int(step) < len(here) else _NOWHERE
    return here


@pytest.mark.parametrize(
    "schema_json",
    [
        '{"$ref": "https://example.org/x.json"}', '{"$ref": "file:///etc/passwd"}', '{"$ref": "other.json"}',
        '{"$ref": "#/nowhere"}', '{"$schema": "http://json-schema.org/draft-07/schema#"}', '{"type": "text"}',
        '{"pattern": "(?=a)"}', '{"pattern": "(a)\\\\1"}', '{"pattern": "(a{1000}){1000}"}', '{"type": "string"', "3",
        '{"type": "string", "type": "string"}', '{"$defs": {"a": {"$id": "x"}}}', "[]", '{"minimum": "3"}',
    ],
    ids=range(15),
)  # fmt: skip
def test_a_schema_that_reaches_outside_or_is_none_is_refused(schema_json: str) -> None:
    with pytest.raises(ToolError) as caught:
        invoke("structured_validate", {"format_name": "json", "payload": "1", "schema_json": schema_json})
    assert caught.value.code in ("invalid_argument", "limit_exceeded")
    assert str(caught.value).startswith(("schema_json: ", "work of the schema"))


DOUBLING: JsonValue = {"properties": {"a": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}}}
_LINKS: dict[str, JsonValue] = {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(50)}
DEPENDENT: JsonValue = {"properties": {"a": {"dependentSchemas": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}}}}
CHAIN: JsonValue = {"$ref": "#/$defs/d0", "$defs": _LINKS | {"d50": {"type": "null"}}}


@pytest.mark.parametrize("wanted", [DOUBLING, DEPENDENT, CHAIN], ids=["doubling", "dependent", "chain"])
def test_references_that_multiply_without_end_are_refused_at_once(wanted: JsonValue) -> None:
    started = time.process_time()
    with pytest.raises(ToolError) as caught:
        run("json", '{"a":' * 60 + "1" + "}" * 60, wanted)
    assert caught.value.code == "limit_exceeded"
    assert time.process_time() - started < 5.0


def test_a_recursive_schema_of_a_deep_tree_is_no_such_case() -> None:
    tree: JsonValue = {"properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}, "n": {"type": "integer"}}}
    payload = '{"n": 1, "left": ' * 60 + '{"n": "x"}' + "}" * 60
    result = run("json", payload, tree)
    assert [one["pointer"] for one in findings(result)] == ["/left" * 60 + "/n"]


def test_a_hundred_findings_are_shown_and_that_there_are_more() -> None:
    result = run("json", json.dumps([1] * 500), {"items": {"type": "string"}})
    assert (len(findings(result)), result["more"], result["valid"]) == (100, True, False)


def test_a_schema_holds_for_yaml_and_csv_with_their_own_places() -> None:
    wanted: JsonValue = {"items": {"properties": {"age": {"type": "integer"}}}}
    assert first(run("yaml", "- age: 3\n- age: x\n", wanted)) == ("type", 2, 8)
    assert first(run("csv", "name,age\nAda,36\n", wanted)) == ("type", 2, 5)


def test_values_are_not_repeated_in_findings() -> None:
    result = run("json", json.dumps("secret" * 1000), {"type": "integer"})
    assert "secret" not in json.dumps(result["diagnostics"])


@pytest.mark.parametrize(
    "args",
    [
        {"format_name": "toml", "payload": ""},
        {"format_name": "xml", "payload": "<a/>", "schema_json": "{}"},
        {"format_name": "json", "payload": "1", "csv_dialect": "comma"},
        {"format_name": "json", "payload": "x" * 65_537},
        {"format_name": "json", "payload": '"' + "ü" * 40_000 + '"'},
        {"format_name": "json", "payload": '"\ud800"'},
    ],
    ids=range(6),
)
def test_what_does_not_go_together_is_refused(args: dict[str, JsonValue]) -> None:
    with pytest.raises(ToolError):
        invoke("structured_validate", args)


@pytest.mark.parametrize(
    ("format_name", "payload"),
    [("yaml", "- " * 30_000), ("yaml", "{" * 60_000), ("yaml", "a: " * 20_000), ("xml", "<a " * 20_000),
     ("csv", '"' * 60_000), ("csv", "," * 60_000), ("json", "[" * 60_000), ("json", "[" + "0," * 30_000 + "0]"),
     ("yaml", "? " * 30_000), ("yaml", "- 1\n" * 15_000), ("csv", "a\n" * 30_000), ("yaml", "'" * 60_001)],
    ids=range(12),
)  # fmt: skip
def test_payloads_that_are_made_to_be_slow_are_not(format_name: str, payload: str) -> None:
    started = time.process_time()
    with suppress(ToolError):
        run(format_name, payload)
    assert time.process_time() - started < 25.0


def test_the_answer_tells_the_first_error_in_both_languages() -> None:
    args: dict[str, JsonValue] = {"format_name": "json", "payload": "[1,]"}
    german = invoke("structured_validate", args, AnswerStyle(language="de")).answer
    assert german == "Das JSON ist ungültig: a comma before ] is not allowed (Zeile 1, Spalte 4)."
    assert invoke("structured_validate", {"format_name": "xml", "payload": "<a/>"}).answer == "The XML is valid."
