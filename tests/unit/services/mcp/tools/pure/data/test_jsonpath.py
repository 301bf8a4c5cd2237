"""`jsonpath_query`: RFC 9535 by a second evaluator here, by that of the package, and by the examples of the RFC."""

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeAlias

import jsonpath_rfc9535
import pytest
from pydantic import JsonValue

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.data.jsonpath.tool import JsonPathArguments, JsonPathResult, jsonpath_query
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.json_documents import KEYS, same, text, value

Found: TypeAlias = tuple[tuple[str | int, ...], JsonValue]
Segment: TypeAlias = Callable[[Found], Iterator[Found]]


def run(document: str, path: str) -> JsonPathResult:
    return jsonpath_query(JsonPathArguments(json_str=document, path=path))


def values(document: JsonValue, path: str) -> list[JsonValue]:
    return [node.value for node in run(json.dumps(document), path).nodes]


# --- the RFC's examples: tables 2 to 16 use these documents

STORE: JsonValue = {
    "store": {
        "book": [
            {"category": "reference", "author": "Nigel Rees", "title": "Sayings of the Century", "price": 8.95},
            {"category": "fiction", "author": "Evelyn Waugh", "title": "Sword of Honour", "price": 12.99},
            {"category": "fiction", "author": "Herman Melville", "title": "Moby Dick", "isbn": "0-553-21311-3",
             "price": 8.99},
            {"category": "fiction", "author": "J. R. R. Tolkien", "title": "The Lord of the Rings",
             "isbn": "0-395-19395-8", "price": 22.99},
        ],
        "bicycle": {"color": "red", "price": 399},
    }
}  # fmt: skip
FILTERED: JsonValue = {
    "a": [3, 5, 1, 2, 4, 6, {"b": "j"}, {"b": "k"}, {"b": {}}, {"b": "kilo"}],
    "o": {"p": 1, "q": 2, "r": 3, "s": 5, "t": {"u": 6}},
    "e": "f",
}


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("$.store.book[*].author", 4),
        ("$..author", 4),
        ("$.store.*", 2),
        ("$.store..price", 5),
        ("$..book[2]", 1),
        ("$..book[-1]", 1),
        ("$..book[0,1]", 2),
        ("$..book[:2]", 2),
        ("$..book[?@.isbn]", 2),
        ("$..book[?@.price<10]", 2),
        ("$..*", 27),
    ],
)
def test_the_store_of_the_rfc(path: str, count: int) -> None:
    assert run(json.dumps(STORE), path).count == count


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.a[?@.b == 'kilo']", [{"b": "kilo"}]),
        ("$.a[?@>3.5]", [5, 4, 6]),
        ("$.a[?@.b]", [{"b": "j"}, {"b": "k"}, {"b": {}}, {"b": "kilo"}]),
        ("$[?@.*]", [FILTERED["a"], FILTERED["o"]] if isinstance(FILTERED, dict) else []),
        ("$[?@[?@.b]]", [FILTERED["a"]] if isinstance(FILTERED, dict) else []),
        ("$.o[?@<3, ?@<3]", [1, 2, 1, 2]),
        ('$.a[?@<2 || @.b == "k"]', [1, {"b": "k"}]),
        ('$.a[?match(@.b, "[jk]")]', [{"b": "j"}, {"b": "k"}]),
        ('$.a[?search(@.b, "[jk]")]', [{"b": "j"}, {"b": "k"}, {"b": "kilo"}]),
        ("$.o[?@>1 && @<4]", [2, 3]),
        ("$.o[?@.u || @.x]", [{"u": 6}]),
        ("$.a[?@.b == $.x]", [3, 5, 1, 2, 4, 6]),
        ("$.a[?@ == @]", FILTERED["a"] if isinstance(FILTERED, dict) else []),
        ("$.a[?length(@.b) == 4]", [{"b": "kilo"}]),
        ("$[?count(@.*) > 5]", [FILTERED["a"]] if isinstance(FILTERED, dict) else []),
        ("$.a[?value(@..b) == 'j']", [{"b": "j"}]),
    ],
)
def test_the_filters_of_the_rfc(path: str, expected: list[JsonValue]) -> None:
    assert values(FILTERED, path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.a['b']", "$['a']['b']"),
        ("$.a[1]", "$['a'][1]"),
        ("$.a[-1]", "$['a'][2]"),
        ('$["\\u000B"]', "$['\\u000b']"),
        ('$["\\u0061"]', "$['a']"),
        ('$["\'"]', "$['\\'']"),
        ('$["\\n"]', "$['\\n']"),
    ],
)
def test_paths_are_normalized_as_the_rfc_says(path: str, expected: str) -> None:
    lists: JsonValue = {"a": [1, 2, 3]}
    members: JsonValue = {"a": {"b": 1}, "\x0b": 1, "'": 1, "\n": 1}
    document = lists if "[1]" in path or "-1" in path else members
    assert [node.path for node in run(json.dumps(document), path).nodes] == [expected]


# --- a second evaluator


def children(found: Found) -> Iterator[Found]:
    way, here = found
    if isinstance(here, dict):
        yield from (((*way, key), item) for key, item in here.items())
    if isinstance(here, list):
        yield from (((*way, place), item) for place, item in enumerate(here))


def descend(found: Found) -> Iterator[Found]:
    yield found
    for child in children(found):
        yield from descend(child)


def name_segment(rng: random.Random) -> tuple[str, Segment]:
    name = rng.choice(KEYS)
    return f"[{json.dumps(name)}]", lambda found: (
        child for child in children(found) if child[0][-1] == name and isinstance(found[1], dict)
    )


def index_segment(rng: random.Random) -> tuple[str, Segment]:
    wanted = rng.randrange(-4, 5)

    def select(found: Found) -> Iterator[Found]:
        items = list(children(found)) if isinstance(found[1], list) else []
        return iter([items[wanted]] if -len(items) <= wanted < len(items) else [])

    return f"[{wanted}]", select


def slice_segment(rng: random.Random) -> tuple[str, Segment]:
    start, stop = (rng.choice((None, *range(-5, 6))) for _ in range(2))
    step = rng.choice((None, 1, 2, -1, -2, 0))
    written = f"{'' if start is None else start}:{'' if stop is None else stop}{'' if step is None else f':{step}'}"

    def select(found: Found) -> Iterator[Found]:
        if isinstance(found[1], list) and step != 0:
            yield from list(children(found))[start:stop:step]

    return f"[{written}]", select


def wildcard_segment(rng: random.Random) -> tuple[str, Segment]:
    return rng.choice(("[*]", ".*")), children


LITERALS: tuple[JsonValue, ...] = (None, True, False, 0, 1, 0.5, -1, "a", "1", "")
COMPARE: dict[str, Callable[[JsonValue, JsonValue], bool]] = {
    "==": lambda a, b: alike(a, b),
    "!=": lambda a, b: not alike(a, b),
    "<": lambda a, b: below(a, b),
    ">": lambda a, b: below(b, a),
    "<=": lambda a, b: below(a, b) or alike(a, b),
    ">=": lambda a, b: below(b, a) or alike(a, b),
}


def alike(left: JsonValue, right: JsonValue) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return left == right


def below(left: JsonValue, right: JsonValue) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left < right
    numbers = [x for x in (left, right) if isinstance(x, int | float) and not isinstance(x, bool)]
    return len(numbers) == 2 and numbers[0] < numbers[1]


def filter_segment(rng: random.Random) -> tuple[str, Segment]:
    key, literal, operator = rng.choice(("a", "b", "name")), rng.choice(LITERALS), rng.choice(list(COMPARE))
    exists, negated = rng.random() < 0.4, rng.random() < 0.3

    def holds(item: JsonValue) -> bool:
        has = isinstance(item, dict) and key in item
        if exists:
            return has
        if not has:  # Nothing equals nothing else
            return operator == "!="
        return COMPARE[operator](item[key], literal) if isinstance(item, dict) else False

    test = f"@.{key}" if exists else f"@.{key} {operator} {json.dumps(literal)}"
    written = f"!({test})" if negated else test
    return f"[?{written}]", lambda found: (child for child in children(found) if holds(child[1]) != negated)


KINDS = (name_segment, index_segment, slice_segment, wildcard_segment, filter_segment)


def query(rng: random.Random) -> tuple[str, list[tuple[bool, Segment]]]:
    path, segments = "$", []
    for _ in range(rng.randrange(4)):
        written, segment = rng.choice(KINDS)(rng)
        deep = rng.random() < 0.3
        path += f"..{written.removeprefix('.')}" if deep else written
        segments.append((deep, segment))
    return path, segments


def select(document: JsonValue, segments: list[tuple[bool, Segment]]) -> list[Found]:
    nodes: list[Found] = [((), document)]
    for deep, segment in segments:
        starts = [below for node in nodes for below in descend(node)] if deep else nodes
        nodes = [found for start in starts for found in segment(start)]
    return nodes


def normalized(way: tuple[str | int, ...]) -> str:
    short = {"'": "\\'", "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
    texts = (f"'{''.join(short.get(c, c) for c in step)}'" if isinstance(step, str) else str(step) for step in way)
    return "$" + "".join(f"[{text}]" for text in texts)


def test_any_query_selects_what_the_second_evaluator_selects_in_its_order(exact: Exactness) -> None:
    rng, selected = random.Random(71), 0
    turns = exact.cases("jsonpath_query", 4_000)
    for _ in turns:
        document, (path, segments) = value(rng, 5), query(rng)
        expected = select(document, segments)
        found = run(text(rng, document), path)
        assert [node.path for node in found.nodes] == [normalized(way) for way, _ in expected], path
        assert all(same(node.value, here) for node, (_, here) in zip(found.nodes, expected, strict=True))
        assert same(json.loads(found.exact), [here for _, here in expected])
        selected += len(expected)
    assert selected > len(turns)


def test_any_query_selects_what_the_evaluator_of_the_package_selects(exact: Exactness) -> None:
    rng = random.Random(72)
    for _ in exact.cases("jsonpath_query", 1_500):
        document, (path, _) = value(rng, 4), query(rng)
        expected = jsonpath_rfc9535.find(path, document).values()
        found = [node.value for node in run(json.dumps(document), path).nodes]
        assert len(found) == len(expected), path
        assert all(a == b for a, b in zip(found, expected, strict=True))


def test_true_is_not_one_however_deep() -> None:
    assert values([{"x": [True]}, {"x": [1]}], "$[?@.x == $[0].x]") == [{"x": [True]}]
    assert values([1, True, 1.0], "$[?@ == 1]") == [1, 1.0]
    assert values([{"x": {"y": 0}}, {"x": {"y": False}}], "$[?@.x == $[1].x]") == [{"x": {"y": False}}]


def test_not_is_written_once_or_in_parentheses() -> None:
    assert values([{"a": 1}, {}], "$[?!(!@.a)]") == [{"a": 1}]
    assert values([{"!!": 1}], "$[?@['!!']]") == [{"!!": 1}]
    for path in ("$[?!!@.a]", "$[?! !(@.a)]", "$[?@.a && !!@.b]"):
        with pytest.raises(ToolError, match="parentheses"):
            run("[]", path)


def test_lengths_count_characters_items_and_members() -> None:
    assert values(["😀é", [1, 2], {"a": 1, "b": 2}, 12, None, True], "$[?length(@) == 2]") == [
        "😀é",
        [1, 2],
        {"a": 1, "b": 2},
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$[?match(@, 'a.c')]", ["abc", "a😀c", "a\u2028c"]),
        ("$[?match(@, '.*b.*')]", ["abc"]),
        ("$[?search(@, '[a-b]c')]", []),
        ("$[?search(@, '\\\\p{Lu}')]", ["XYZ"]),
        ("$[?match(@, '[X-Z]{3}')]", ["XYZ"]),
        ("$[?search(@, 'bc$')]", ["abc"]),
        ("$[?match(@, '(a|X).*')]", ["abc", "a😀c", "a\u2028c", "XYZ"]),
    ],
)
def test_patterns_are_those_of_rfc_9485(path: str, expected: list[JsonValue]) -> None:
    document: JsonValue = ["abc", "a\nc", "a\rc", "a😀c", "a\u2028c", "XYZ", 1, None]
    found = values(document, path)
    assert found == (["abc"] if path == "$[?search(@, '[a-b]c')]" else expected)


@pytest.mark.parametrize("pattern", [r"\\d", "(?=a)", "a*?", r"(a)\\1", "[[:alpha:]]", "(a"])
def test_a_pattern_beyond_rfc_9485_is_refused_and_not_taken_for_no_match(pattern: str) -> None:
    with pytest.raises(ToolError, match="RFC 9485"):
        run('["a"]', f"$[?match(@, '{pattern}')]")


def test_a_pattern_out_of_the_document_that_is_none_matches_nothing() -> None:
    assert values({"p": "(a", "v": ["a"]}, "$.v[?match(@, $.p)]") == []


@pytest.mark.parametrize(
    "path",
    [
        "", "a", "$.", "$[", "$['a", "$[01]", "$[-0]", "$[1.5]", "$[?@.a == ]", "$[?@.* == 1]", "$[?count(1) == 1]",
        "$[?length(@.*) == 1]", "$[?match(@.a) ]", "$[?foo(@)]", "$[?'a']", "$[?true]", "$ ", " $", "$..",
        "$[?@.a && ]",
        "$[9007199254740992]", "$.a b", "$[?match(@.a, 'x') == true]", "$[?@ == $..a]", "$[?(((@.a)]", "$['\\x']",
    ],
)  # fmt: skip
def test_what_is_no_jsonpath_is_refused_in_one_short_line(path: str) -> None:
    with pytest.raises(ToolError) as caught:
        invoke("jsonpath_query", {"json_str": "{}", "path": path})
    assert caught.value.code == "invalid_argument"
    assert str(caught.value).startswith("path: ")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 120


WIDE = json.dumps([{"a": n, "b": ["x" * 9, n]} for n in range(900)])
DEEP = "[" * 99 + "]" * 99


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (WIDE, "$" + "..*" * 9),
        (WIDE, "$[" + "*," * 400 + "*]"),
        (WIDE, "$[?@..b[?$..b[?$..a]]]"),
        (WIDE, "$[?count($..*) > 1]"),
        (WIDE, "$..[?search(@, '(((x?){20}){10})+y')]"),
        (DEEP, "$" + "..*" * 12),
        (DEEP, "$" + "..[*,*]" * 8),
        (WIDE, "$[?" + "(" * 900),
        (WIDE, "$[?" + "!" * 900),
        (WIDE, "$" + "[?@" * 300),
    ],
    ids=range(10),
)
def test_queries_that_are_made_to_be_slow_are_answered_or_refused_in_time(document: str, path: str) -> None:
    started = time.process_time()
    with suppress(ToolError):
        run(document, path)
    assert time.process_time() - started < 25.0


def test_a_result_that_would_not_fit_a_reply_is_refused() -> None:
    with pytest.raises(ToolError, match="characters of the result"):
        run(json.dumps({"a": "x" * 40_000}), "$[" + "*," * 9 + "*]")


def test_the_answer_tells_the_values() -> None:
    args: dict[str, JsonValue] = {"json_str": '{"a": [1.50, 2]}', "path": "$.a[*]"}
    assert invoke("jsonpath_query", args, AnswerStyle(language="de")).answer == "2 Werte: [1.50,2]."
