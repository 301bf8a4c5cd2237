"""`json_query`: strict reading against the standard library's reader, and paths walked by hand."""

import json
import random

import pytest
from pydantic import JsonValue

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.data.json_query import JsonQueryArguments, JsonQueryResult, json_query
from services.mcp.tools.pure.data.json_reader import NotStrict, Reader
from services.mcp.tools.pure.data.strict_json import compact, plain, read_json
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.json_documents import same, text, value


def run(document: str, path: str) -> JsonQueryResult:
    return json_query(JsonQueryArguments(json_str=document, path=path))


def read(document: str) -> JsonValue:
    return plain(Reader(document).read())


def test_documents_are_read_as_the_standard_library_reads_them(exact: Exactness) -> None:
    rng = random.Random(61)
    for _ in exact.cases("json_query", 2_000):
        document = text(rng, value(rng))
        assert same(read(document), json.loads(document))


def strictly(document: str) -> JsonValue:
    """The standard library's parser in strict mode. Raises ValueError."""

    def pairs(found: list[tuple[str, JsonValue]]) -> JsonValue:
        if len(dict(found)) < len(found):
            raise ValueError("a key twice")
        return dict(found)

    def constant(name: str) -> JsonValue:
        raise ValueError(name)

    def number(digits: str) -> float:
        if abs(float(digits)) == float("inf"):
            raise ValueError(digits)
        return float(digits)

    found: JsonValue = json.loads(document, object_pairs_hook=pairs, parse_constant=constant, parse_float=number)
    json.dumps(found, ensure_ascii=False).encode()
    return found


def test_broken_documents_are_refused_exactly_where_a_strict_reader_refuses_them(exact: Exactness) -> None:
    rng, refused = random.Random(62), 0
    turns = exact.cases("json_query", 6_000)
    for _ in turns:
        characters = list(text(rng, value(rng, 2)))
        for _ in range(rng.randrange(1, 3)):
            place = rng.randrange(len(characters) + 1)
            characters[place : place + rng.randrange(2)] = rng.choice('[]{},:"\\ue+-.019tfnNaI \n\x00\u00a0é')
        document = "".join(characters)
        try:
            expected = strictly(document)
        except ValueError:
            refused += 1
            with pytest.raises(NotStrict):
                read(document)
            continue
        assert same(read(document), expected), document
    assert refused > len(turns) / 2


@pytest.mark.parametrize(
    ("document", "line", "column"),
    [
        ('{"a": 1, "a": 2}', 1, 10),
        ('{\n "a": NaN}', 2, 7),
        ("[1,]", 1, 4),
        ('["\\ud800"]', 1, 9),
        ("[1] 2", 1, 5),
        ("[\n1\n2]", 3, 1),
        ("", 1, 1),
        ("\ufeff1", 1, 1),
        ("[01]", 1, 3),
        ("[1e999]", 1, 2),
        ("[-]", 1, 2),
        ("'a'", 1, 1),
        ('"a\nb"', 1, 3),
        ('{"a" 1}', 1, 6),
        ("{1: 2}", 1, 2),
        ('"\\x"', 1, 2),
        ("[" * 102, 1, 102),
        (f"[{'9' * 1001}]", 1, 2),
    ],
    ids=range(18),
)
def test_the_place_of_an_error_is_told(document: str, line: int, column: int) -> None:
    with pytest.raises(ToolError, match=rf"^json_str: .*\(line {line}, column {column}\)$") as caught:
        read_json(document)
    assert caught.value.code == "invalid_argument"


def written(path: list[str | int], rng: random.Random) -> str:
    """A path in one of its spellings."""
    parts = []
    for step in path:
        quoted = str(step).replace("\\", "\\\\").replace('"', '\\"')
        if isinstance(step, int):
            parts.append(rng.choice((f"[{step}]", f".{step}", f"[ {step} ]")))
        elif not step or "." in step:
            parts.append(f'["{quoted}"]')
        else:
            parts.append(rng.choice((f".{step}", f'["{quoted}"]', f"['{quoted}']")))
    text = "".join(parts)
    return rng.choice((text, f"${text}", text.removeprefix(".")))


def test_any_path_into_any_document_leads_where_python_goes(exact: Exactness) -> None:
    rng = random.Random(63)
    for _ in exact.cases("json_query", 3_000):
        document = value(rng, 5)
        here, path = document, list[str | int]()
        while isinstance(here, dict | list) and here and rng.random() < 0.8:
            step = rng.choice(list(here)) if isinstance(here, dict) else rng.randrange(-len(here), len(here))
            path.append(step)
            here = here[step]  # type: ignore[index]  # made to fit
        found = run(text(rng, document), written(path, rng))
        assert found.found
        assert same(found.value, here)
        assert same(json.loads(found.exact or ""), here)


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        ("b", "$: the object has no such key"),
        ("a[2]", "$.a: the array has 2 items"),
        ("a[-3]", "$.a: the array has 2 items"),
        ("a.x", "$.a: an array needs a number"),
        ("a[0].x", "$.a.0: a number has no parts"),
        ("n.x", "$.n: a null has no parts"),
    ],
)
def test_a_path_that_leads_nowhere_says_where_and_why(path: str, missing: str) -> None:
    found = run('{"a": [1, 2], "n": null}', path)
    assert (found.found, found.missing) == (False, missing)


def test_a_dollar_may_begin_a_key() -> None:
    assert run('{"$ref": 1}', "$ref").exact == run('{"$ref": 1}', "$.$ref").exact == "1"


def test_a_null_that_is_there_is_told_from_nothing() -> None:
    assert run('{"a": null}', "a").found
    assert run('{"a": null}', "a").exact == "null"


@pytest.mark.parametrize(
    "number", ["0.1", "1.10", "1e2", "-0.0", "3.14159265358979323846264338327950288", "123456789012345678901"]
)
def test_all_digits_of_a_number_are_kept(number: str) -> None:
    assert run(f'{{"n": {number}}}', "n").exact == number
    assert compact(Reader(f"[{number}]").read()) == f"[{number}]"


@pytest.mark.parametrize("path", ["a..b", "a[*]", "a[", "a]", "a[x]", "..", "a.", "a[0]b", "*", '["a]', "a[1.5]"])
def test_what_is_no_dotted_path_is_refused(path: str) -> None:
    with pytest.raises(ToolError) as caught:
        run('{"a": [1]}', path)
    assert (caught.value.code, str(caught.value)[:6]) == ("invalid_argument", "path: ")


def test_a_lone_surrogate_in_the_argument_is_refused() -> None:
    with pytest.raises(ToolError):
        invoke("json_query", {"json_str": '"\ud800"', "path": ""})


def test_the_answer_tells_the_value() -> None:
    args: dict[str, JsonValue] = {"json_str": '{"a": [1, {"b": "ü"}]}', "path": "a.1"}
    assert invoke("json_query", args, AnswerStyle(language="de")).answer == 'Der Wert ist {"b":"ü"}.'
