"""`jmespath_query`: an independent evaluator, the original package, and the examples of jmespath.org."""

import json
import random
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

import jmespath
import pytest
from pydantic import JsonValue

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.data.jmespath_query.tool import JmesPathArguments, JmesPathResult, jmespath_query
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.json_documents import same, text, value

Expression: TypeAlias = Callable[[JsonValue], JsonValue]


def run(document: str, expression: str) -> JmesPathResult:
    return jmespath_query(JmesPathArguments(json_str=document, expression=expression))


def outcome(document: JsonValue, expression: str) -> JsonValue:
    return run(json.dumps(document), expression).value


# jmespath.org/tutorial.html and examples.html
@pytest.mark.parametrize(
    ("document", "expression", "expected"),
    [
        ('{"a": {"b": {"c": {"d": "value"}}}}', "a.b.c.d", "value"),
        ('["a", "b", "c", "d", "e", "f"]', "[1]", "b"),
        ("[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]", "[::-1]", [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        ('{"people": [{"first": "James"}, {"first": "Jacob"}, {"missing": 1}]}', "people[*].first", ["James", "Jacob"]),
        ('{"ops": {"A": {"n": 2}, "B": {"n": 3}, "C": {"x": 1}}}', "ops.*.n", [2, 3]),
        ("[[0, 1], 2, [3], 4, [5, [6, 7]]]", "[]", [0, 1, 2, 3, 4, 5, [6, 7]]),
        ('{"m": [{"name": "a", "s": "up"}, {"name": "b", "s": "down"}]}', "m[?s=='up'].name", ["a"]),
        ('{"p": [{"n": "a", "x": {"y": 1}}, {"n": "b"}]}', "p[].{n: n, y: x.y}",
         [{"n": "a", "y": 1}, {"n": "b", "y": None}]),
        ('{"p": [{"n": "a"}, {"n": "b"}]}', "p[*].n | [0]", "a"),
        ('{"p": [{"n": "b", "a": 30}, {"n": "a", "a": 50}]}', "max_by(p, &a).n", "a"),
        ('{"l": [{"n": "S", "s": "WA"}, {"n": "N", "s": "NY"}, {"n": "B", "s": "WA"}]}',
         "l[?s == 'WA'].n | sort(@) | {x: join(', ', @)}", {"x": "B, S"}),
        ('{"a": [1, 2, 3]}', "sum(a)", 6),
        ('{"a": "x"}', "b || a", "x"),
        ('{"a": 0}', "!a", False),
        ("[3, 1, 2]", "sort(@)[-1]", 3),
    ],
    ids=range(15),
)  # fmt: skip
def test_the_examples_of_the_language(document: str, expression: str, expected: JsonValue) -> None:
    assert run(document, expression).value == expected


# --- an independent evaluator


def false(here: JsonValue) -> bool:
    return here is None or here is False or here in ("", [], {})


def alike(left: JsonValue, right: JsonValue) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return left == right


def field(rng: random.Random) -> tuple[str, Expression]:
    name = rng.choice(("a", "b", "name", "0", "length"))
    return json.dumps(
        name
    ) if rng.random() < 0.5 or name == "0" else name, lambda here: here.get(name) if isinstance(here, dict) else None


def index(rng: random.Random) -> tuple[str, Expression]:
    wanted = rng.randrange(-3, 4)

    def pick(here: JsonValue) -> JsonValue:
        return here[wanted] if isinstance(here, list) and -len(here) <= wanted < len(here) else None

    return f"[{wanted}]", pick


def projected(items: list[JsonValue], after: Expression) -> JsonValue:
    return [found for item in items if (found := after(item)) is not None]


def projection(rng: random.Random, depth: int) -> tuple[str, Expression]:
    """A star, a slice, a flattening, values or a filter, and the projection of each item."""
    inner_text, inner = rng.choice((field, index))(rng) if rng.random() < 0.6 else ("", lambda here: here)
    dotted = inner_text if inner_text.startswith("[") or not inner_text else f".{inner_text}"
    kind = rng.randrange(5)
    if kind == 0:
        return f"[*]{dotted}", lambda here: projected(here, inner) if isinstance(here, list) else None
    if kind == 1:
        step = rng.choice((1, 2, -1))
        return f"[::{step}]{dotted}", lambda h: projected(h[::step], inner) if isinstance(h, list) else None
    if kind == 2:
        return f"[]{dotted}", lambda here: projected(flat(here), inner) if isinstance(here, list) else None
    if kind == 3:
        return f"*{dotted}", lambda here: projected(list(here.values()), inner) if isinstance(here, dict) else None
    test_text, test = condition(rng)
    return (
        f"[?{test_text}]{dotted}",
        lambda here: (
            projected([item for item in here if not false(test(item))], inner) if isinstance(here, list) else None
        ),
    )


def flat(here: list[JsonValue]) -> list[JsonValue]:
    return [inner for item in here for inner in (item if isinstance(item, list) else [item])]


def condition(rng: random.Random) -> tuple[str, Expression]:
    name_text, name = field(rng)
    literal: JsonValue = rng.choice((None, True, False, 0, 1, 0.5, "a", "1", []))
    quoted = f"`{json.dumps(literal)}`"
    kind = rng.randrange(4)
    if kind == 0:
        return f"{name_text} == {quoted}", lambda here: alike(name(here), literal)
    if kind == 1:
        return f"!({name_text} != {quoted})", lambda here: alike(name(here), literal)
    if kind == 2:
        return f"!{name_text}", lambda here: false(name(here))
    other_text, other = field(rng)
    return f"{name_text} && {other_text}", lambda here: name(here) if false(name(here)) else other(here)


def selection(rng: random.Random) -> tuple[str, Expression]:
    (a_text, a), (b_text, b) = field(rng), field(rng)
    if rng.random() < 0.5:
        return f"[{a_text}, {b_text}]", lambda here: None if here is None else [a(here), b(here)]
    return f"{{x: {a_text}, y: {b_text}}}", lambda here: None if here is None else {"x": a(here), "y": b(here)}


def either(rng: random.Random) -> tuple[str, Expression]:
    (a_text, a), (b_text, b) = field(rng), field(rng)
    return f"{a_text} || {b_text}", lambda here: b(here) if false(a(here)) else a(here)


def expression(rng: random.Random) -> tuple[str, Expression]:
    """Parts joined by pipes, which end projections."""
    parts = []
    for _ in range(rng.randrange(1, 4)):
        kind = rng.choice((field, index, selection, either, condition, None, None))
        parts.append(projection(rng, 1) if kind is None else kind(rng))
    return " | ".join(written for written, _ in parts), lambda here: run_all([step for _, step in parts], here)


def run_all(steps: list[Expression], here: JsonValue) -> JsonValue:
    for step in steps:
        here = step(here)
    return here


def test_any_expression_gives_what_the_second_evaluator_gives(exact: Exactness) -> None:
    rng, something = random.Random(81), 0
    turns = exact.cases("jmespath_query", 5_000)
    for _ in turns:
        document, (written, evaluate) = value(rng, 5), expression(rng)
        expected = evaluate(document)
        found = run(text(rng, document), written)
        assert same(found.value, expected), written
        assert same(json.loads(found.json_text), expected)
        something += expected not in (None, [])
    assert something > len(turns) / 5


CALLS = (
    "length(@)", "keys(@)", "values(@)", "type(@)", "to_string(@)", "to_array(@)", "reverse(@)", "sort(@)", "sum(@)",
    "avg(@)", "max(@)", "min(@)", "not_null(a, b)", "map(&a, @)", "join('-', @)", "merge(@, @)", "abs(@)", "ceil(@)",
    "floor(@)", "starts_with(@, 'a')", "ends_with(@, 'a')", "contains(@, 'a')", "sort_by(@, &a)", "max_by(@, &a)",
    "to_number(@)", "@ > `1`", "a <= b",
)  # fmt: skip
SUBJECTS: tuple[JsonValue, ...] = (
    [], {}, None, True, 1, -1.5, "abc", "12", "-0.5e2", [1, 2, 3.5], ["b", "a"], {"a": 1, "b": 2}, {"b": None},
    [{"a": 2, "b": 1}, {"a": 1}], [{"a": "y"}, {"a": "x"}], [[1], 2], "", [None, "a"], ["x", 1],
)  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_functions_are_those_of_the_package(call: str, exact: Exactness) -> None:
    exact.table("jmespath_query", len(SUBJECTS))
    for subject in SUBJECTS:
        try:
            expected = jmespath.search(call, subject)
        except TypeError:  # a text is neither more nor less than a number: the package defines no order
            expected = None
        except jmespath.exceptions.JMESPathError:
            with pytest.raises(ToolError) as caught:
                outcome(subject, call)
            assert caught.value.code == "invalid_argument"
            continue
        assert same(outcome(subject, call), expected)


@pytest.mark.parametrize(
    ("document", "expression", "expected"),
    [
        ([[True], [1]], "[0] == [1]", False),
        ([True, 1], "contains(@, `1`)", True),
        ([True], "contains(@, `1`)", False),
        ([1], "contains(@, `true`)", False),
        ("1_000", "to_number(@)", None),
        ("nan", "to_number(@)", None),
        ("Infinity", "to_number(@)", None),
        (" 12 ", "to_number(@)", None),
        ("１２", "to_number(@)", None),  # noqa: RUF001 - full-width digits
        ("1e400", "to_number(@)", None),
        ("-12", "to_number(@)", -12),
        ([10**400], "sum(@)", 10**400),
        ([10**400, 10**400 + 2], "avg(@)", 10**400 + 1),
        ([2**53 + 1, 2**53 + 1], "avg(@)", 2**53 + 1),
        ([1e308, 1e308, -1e308], "sum(@)", 1e308),
        (["ä"], "to_string(@)", '["ä"]'),
    ],
    ids=range(16),
)  # fmt: skip
def test_python_does_not_show_through(document: JsonValue, expression: str, expected: JsonValue) -> None:
    assert outcome(document, expression) == expected


@pytest.mark.parametrize(
    "expression",
    ["", "a.", "a[", "[?", "a b", "foo(@)", "length()", "length(@, @)", "abs('a')", "`NaN`", '"a', "&a",
     "a[?b==]", "@.*.", "{a}", "`[1,`", "'\ud800'"],
    ids=range(17),
)  # fmt: skip
def test_what_is_no_expression_is_refused_in_one_short_line(expression: str) -> None:
    with pytest.raises(ToolError) as caught:
        invoke("jmespath_query", {"json_str": '{"a": "x"}', "expression": expression})
    assert caught.value.code == "invalid_argument"
    assert str(caught.value).startswith("expression: ")
    assert len(str(caught.value)) < 120


def test_a_sum_beyond_the_doubles_is_refused() -> None:
    documents: tuple[JsonValue, ...] = ([10**400, 0.5], [1e308, 1e308])
    for document in documents:
        with pytest.raises(ToolError, match="double"):
            outcome(document, "sum(@)")


def test_a_slice_never_has_a_step_of_nothing() -> None:
    with pytest.raises(ToolError, match="never 0"):
        outcome([1], "[0:1:0]")


def test_what_has_no_order_gives_null() -> None:
    assert [outcome([1, "a", True], f"[0] {sign} [1]") for sign in ("<", "<=", ">", ">=")] == [None] * 4
    assert outcome([1, True], "[1] > [0]") is None
    assert outcome(["a", "b"], "[[0] < [1], [0] <= [0], [1] > [0], [1] >= [1], [0] > [0]]") == [True] * 4 + [False]


WIDE = json.dumps([{"a": n, "b": ["x" * 9, n]} for n in range(900)])


@pytest.mark.parametrize(
    "expression",
    [
        "|".join(["[@,@]"] * 60),
        "|".join(["[@,@][]"] * 60),
        "|".join(["{a:@,b:@}"] * 60),
        "|".join(["[@,@]"] * 30 + ["[0] == [1]"]),
        "|".join(["[@]"] * 240),
        "|".join(["to_string([@])"] * 60),
        "join(to_string(@), [].b[0])",
        "map(&sort_by(`[3,2,1]`, &@), [*].map(&@, `[1,2,3]`))[]",
        "[*].[*, *, *, *][][][]",
        "[" * 450,
        "!" * 900,
        "(" * 900,
        "[?" * 300,
        "sort_by(@, &sort_by([a, a], &@)[0])[-1]",
        "[].a | [" + ",".join(["sum(@)"] * 130) + "]",
    ],
    ids=range(15),
)
def test_expressions_that_are_made_to_be_slow_are_answered_or_refused_in_time(expression: str) -> None:
    started = time.process_time()
    with suppress(ToolError):
        run(WIDE, expression)
    assert time.process_time() - started < 25.0


def test_the_answer_tells_the_result() -> None:
    args: dict[str, JsonValue] = {"json_str": '{"a": [1.5, 2]}', "expression": "a[0]"}
    assert invoke("jmespath_query", args, AnswerStyle(language="de")).answer == "Das Ergebnis ist 1.5."


def test_a_result_may_be_two_hundred_levels_deep_and_no_more() -> None:
    invoke("jmespath_query", {"json_str": "1", "expression": "[" * 200 + "@" + "]" * 200})
    with pytest.raises(ToolError, match="nesting of the result: the limit is 200") as caught:
        invoke("jmespath_query", {"json_str": "1", "expression": "[" * 201 + "@" + "]" * 201})
    assert caught.value.code == "limit_exceeded"
