"""Filters of JSONPath and functions of JMESPath, against the evaluators of the packages whose parsers the tools use."""

import json
import random
from collections.abc import Callable

import jmespath
import jsonpath_rfc9535
from pydantic import JsonValue

from services.mcp.contract import ToolError
from services.mcp.tools.pure.data.jmespath_query.tool import JmesPathArguments, jmespath_query
from services.mcp.tools.pure.data.jsonpath.tool import JsonPathArguments, jsonpath_query
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.json_documents import same, value

LITERALS = ("null", "true", "false", "0", "1", "-1", "0.5", "'a'", "''", "'1'")
STEPS = (".a", ".b", "['name']", "[0]", "[-1]", "['']")
MANY = ("@.*", "@..a", "$..*", "@[0,1]", "@[:2]", "@[?@.a]", "@.a", "@['a','b']")
PATTERNS = ("a", ".*", "[ab]+", "x?", "a|b", ".")
COMPARISONS = ("==", "!=", "<", ">", "<=", ">=")


def one(rng: random.Random, least: int = 0) -> str:
    return rng.choice("@$") + "".join(rng.choices(STEPS, k=rng.randrange(least, 3)))


def compared(rng: random.Random) -> str:
    wrapped = f"length({one(rng)})", f"count({rng.choice(MANY)})", f"value({rng.choice(MANY)})"
    return rng.choice((rng.choice(LITERALS), one(rng), one(rng), *wrapped))


def filter_test(rng: random.Random, depth: int = 2) -> str:
    """A test of a filter. Never `?@` alone: the package takes the truth of the value for its existence."""
    kind = rng.randrange(9 if depth else 5)
    if kind < 3:
        return f"{compared(rng)} {rng.choice(COMPARISONS)} {compared(rng)}"
    if kind == 3:
        return rng.choice((one(rng, least=1), rng.choice(MANY)))
    if kind == 4:
        return f"{rng.choice(('match', 'search'))}({one(rng)}, '{rng.choice(PATTERNS)}')"
    if kind == 5:
        return f"!({filter_test(rng, depth - 1)})"
    if kind == 6:
        return f"!{one(rng, least=1)}"
    return f"({filter_test(rng, depth - 1)} {'&&' if kind == 7 else '||'} {filter_test(rng, depth - 1)})"


def selector(rng: random.Random) -> str:
    kinds: tuple[Callable[[], str], ...] = (
        lambda: f"'{rng.choice(('a', 'b', 'name', ''))}'",
        lambda: str(rng.randrange(-3, 4)),
        lambda: "*",
        lambda: f"{rng.choice(('', 0, -2))}:{rng.choice(('', 2, -1))}:{rng.choice((1, 2, -1, ''))}",
        lambda: f"?{filter_test(rng)}",
        lambda: f"?{filter_test(rng)}",
    )
    return rng.choice(kinds)()


def segment(rng: random.Random) -> str:
    return f"{rng.choice(('', '..'))}[{', '.join(selector(rng) for _ in range(rng.choice((1, 1, 2))))}]"


def test_filters_select_what_the_package_selects(exact: Exactness) -> None:
    rng = random.Random(73)
    for _ in exact.cases("jsonpath_query", 3_000):
        document, path = value(rng, 4), "$" + "".join(segment(rng) for _ in range(rng.randrange(1, 3)))
        expected: list[JsonValue] = json.loads(json.dumps(jsonpath_rfc9535.find(path, document).values()))
        found = jsonpath_query(JsonPathArguments(json_str=json.dumps(document), path=path)).nodes
        assert len(found) == len(expected), (path, document)
        assert all(same(a.value, b) for a, b in zip(found, expected, strict=True)), (path, document)


STAGES = (
    "length(@)", "keys(@)", "values(@)", "type(@)", "to_array(@)", "reverse(@)", "sort(@)", "sum(@)", "avg(@)",
    "max(@)", "min(@)", "not_null(a, b)", "map(&a, @)", "join('-', @)", 'merge(@, `{"a": 1}`)', "abs(@)", "ceil(@)",
    "floor(@)", "starts_with(@, 'a')", "ends_with(@, 'a')", "contains(@, 'a')", "sort_by(@, &a)", "max_by(@, &a)",
    "min_by(@, &b)", "to_number(@)", "[]", "[*]", "a", "[0]", "[?a]", "*", "[::-1]", "a || b", "a && b", "!a",
    "[a, b]", "{x: a, y: @}", "@ == a", "[?type(@) == 'number']", "[?type(@) == 'string']", "[].a", "values(@)[]",
)  # fmt: skip


def answered(document: JsonValue, expression: str) -> tuple[bool, JsonValue]:
    try:
        found = jmespath_query(JmesPathArguments(json_str=json.dumps(document), expression=expression))
    except ToolError:
        return False, None
    return True, found.value


def test_functions_give_what_the_package_gives_and_refuse_what_it_refuses(exact: Exactness) -> None:
    rng, something = random.Random(82), 0
    turns = exact.cases("jmespath_query", 3_000)
    for _ in turns:
        document, expression = value(rng, 3), " | ".join(rng.choices(STAGES, k=rng.choice((1, 1, 2, 3))))
        try:
            expected: tuple[bool, JsonValue] = True, jmespath.search(expression, document)
        except jmespath.exceptions.JMESPathError:
            expected = False, None
        found = answered(document, expression)
        assert found[0] == expected[0], (expression, document)
        assert same(found[1], expected[1]), (expression, document)
        something += expected[0]
    assert something > len(turns) / 4
