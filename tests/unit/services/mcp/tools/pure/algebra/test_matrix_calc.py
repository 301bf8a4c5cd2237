"""`matrix_calc` and `linear_system` against SymPy's own matrices and numpy."""

import random
import time
from fractions import Fraction
from typing import Literal

import numpy as np
import pytest
import sympy
from pydantic import JsonValue

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness

SEED = 20_260_201
Rows = list[list[Fraction]]


def rows(source: random.Random, height: int, width: int) -> Rows:
    """Matrix of short fractions; one in four has a row that depends on others."""
    found = [
        [Fraction(source.randint(-9, 9), source.choice((1, 1, 2, 3))) for _ in range(width)] for _ in range(height)
    ]
    if height > 1 and source.random() < 0.25:
        found[-1] = [a + b for a, b in zip(found[0], found[height // 2], strict=True)]
    return found


def argument(matrix: Rows) -> JsonValue:
    return [[str(entry) for entry in row] for row in matrix]


def told(result: JsonValue) -> Rows:
    assert isinstance(result, list)
    return [[Fraction(str(entry)) for entry in row] for row in result if isinstance(row, list)]


def oracle(matrix: Rows) -> sympy.Matrix:
    return sympy.Matrix([[sympy.Rational(x.numerator, x.denominator) for x in row] for row in matrix])


def listed(matrix: sympy.Matrix) -> Rows:
    return [[Fraction(str(entry)) for entry in row] for row in matrix.tolist()]


def calc(operation: str, a: Rows, b: Rows | None = None) -> dict[str, JsonValue]:
    second: dict[str, JsonValue] = {} if b is None else {"b": argument(b)}
    return invoke("matrix_calc", {"operation": operation, "a": argument(a), **second}).result


def code(tool: str, args: dict[str, JsonValue]) -> str:
    with pytest.raises(ToolError) as caught:
        invoke(tool, args)
    return caught.value.code


def test_determinant_rank_trace_and_transpose_equal_those_of_another_program(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("matrix_calc", 700):
        size = source.randint(1, 6)
        a = rows(source, size, size)
        matrix = oracle(a)
        assert Fraction(str(calc("determinant", a)["number"])) == Fraction(str(matrix.det()))
        assert calc("rank", a)["number"] == str(matrix.rank())
        assert calc("trace", a)["number"] == str(matrix.trace())
        assert told(calc("transpose", a)["matrix"]) == listed(matrix.T)


def test_sums_products_and_powers_equal_those_of_another_program(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("matrix_calc", 500):
        height, inner, width = (source.randint(1, 6) for _ in range(3))
        a, b, c = rows(source, height, inner), rows(source, inner, width), rows(source, height, inner)
        square, exponent = rows(source, inner, inner), source.randint(0, 6)
        assert told(calc("multiply", a, b)["matrix"]) == listed(oracle(a) * oracle(b))
        assert told(calc("add", a, c)["matrix"]) == listed(oracle(a) + oracle(c))
        assert told(calc("subtract", a, c)["matrix"]) == listed(oracle(a) - oracle(c))
        assert told(calc("power", square, [[Fraction(exponent)]])["matrix"]) == listed(oracle(square) ** exponent)


def test_inverses_equal_those_of_another_program_and_singular_matrices_have_none(exact: Exactness) -> None:
    source = random.Random(SEED)
    singular = 0
    for _ in exact.cases("matrix_calc", 500):
        size = source.randint(1, 6)
        a = rows(source, size, size)
        if oracle(a).det():
            assert told(calc("inverse", a)["matrix"]) == listed(oracle(a).inv())
            assert told(calc("power", a, [[Fraction(-2)]])["matrix"]) == listed(oracle(a).inv() ** 2)
        else:
            singular += 1
            assert code("matrix_calc", {"operation": "inverse", "a": argument(a)}) == "domain_error"
    assert singular > 0


def test_the_characteristic_polynomial_equals_that_of_another_program(exact: Exactness) -> None:
    source = random.Random(SEED)
    x = sympy.Symbol("x")
    for _ in exact.cases("matrix_calc", 250):
        size = source.randint(1, 5)
        a = rows(source, size, size)
        text = str(calc("eigenvalues", a)["characteristic_polynomial"]).replace("^", "**")
        assert sympy.expand(sympy.sympify(text) - oracle(a).charpoly(x).as_expr()) == 0


def test_eigenvalues_are_those_of_numpy(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("matrix_calc", 250):
        size = source.randint(1, 5)
        a = [[Fraction(source.randint(-9, 9)) for _ in range(size)] for _ in range(size)]
        a = [[a[min(i, j)][max(i, j)] for j in range(size)] for i in range(size)]  # symmetric: all are real
        values = calc("eigenvalues", a)["eigenvalues"]
        assert isinstance(values, list)
        found = [(float(str(v["rounded"])), int(str(v["multiplicity"]))) for v in values if isinstance(v, dict)]
        every = sorted(value for value, times in found for _ in range(times))
        assert np.allclose(every, np.linalg.eigvalsh(np.array(a, dtype=float)), atol=1e-6)


def test_exact_eigenvalues_come_in_square_roots() -> None:
    answer = invoke("matrix_calc", {"operation": "eigenvalues", "a": [[1, 1], [1, 0]]}).answer
    assert answer == ("The eigenvalues are 1/2 - sqrt(5)/2 ≈ -0.618033988749895; 1/2 + sqrt(5)/2 ≈ 1.61803398874989.")
    rotation = invoke("matrix_calc", {"operation": "eigenvalues", "a": [[0, -1], [1, 0]]}, AnswerStyle(language="de"))
    assert rotation.answer == "Die Eigenwerte sind -i; i."


def test_systems_with_one_many_or_no_solution_equal_those_of_another_program(exact: Exactness) -> None:
    source = random.Random(SEED)
    kinds = set()
    for _ in exact.cases("linear_system", 2_000):
        height, width = source.randint(1, 6), source.randint(1, 6)
        a = rows(source, height, width)
        b = [Fraction(source.randint(-9, 9), source.choice((1, 2))) for _ in range(height)]
        if source.random() < 0.5:  # a right side that has a solution
            b = [sum((entry * (i + 1) for i, entry in enumerate(row)), Fraction(0)) for row in a]
        result = invoke("linear_system", {"a": argument(a), "b": [str(value) for value in b]}).result
        kinds.add(_checked(a, b, result))
    assert kinds == {"unique", "infinite", "none"}


@pytest.mark.parametrize(
    ("language", "answer"),
    [("en", "The only solution is y = 2, x = 1."), ("de", "Die eindeutige Lösung ist y = 2, x = 1.")],
)
def test_unknowns_keep_their_names_and_their_order(language: Literal["en", "de"], answer: str) -> None:
    arguments: dict[str, JsonValue] = {"a": [[1, 1], [1, -1]], "b": [3, 1], "names": ["y", "x"]}
    assert invoke("linear_system", arguments, AnswerStyle(language=language)).answer == answer


@pytest.mark.parametrize(
    ("language", "answer"),
    [("en", "The system has no solution."), ("de", "Das Gleichungssystem hat keine Lösung.")],
)
def test_a_system_without_a_solution_is_answered_in_its_language(language: Literal["en", "de"], answer: str) -> None:
    arguments: dict[str, JsonValue] = {"a": [[1, 1], [1, 1]], "b": [1, 2]}
    assert invoke("linear_system", arguments, AnswerStyle(language=language)).answer == answer


def test_a_free_unknown_is_called_by_its_name() -> None:
    reply = invoke("linear_system", {"a": [[1, 1]], "b": [3], "names": ["u", "v"]})
    assert reply.answer == "There are infinitely many solutions: u = 3 - t1, v = t1; t1 any number."
    assert (reply.result["free"], reply.result["names"]) == (["v"], ["u", "v"])


@pytest.mark.parametrize("names", [["x"], ["x", "x"], ["x", "t1"], ["x", "2y"], ["x", ""]], ids=str)
def test_names_that_are_too_few_or_no_names_are_refused(names: list[JsonValue]) -> None:
    with pytest.raises(ToolError) as refusal:
        invoke("linear_system", {"a": [[1, 1], [1, -1]], "b": [3, 1], "names": names})
    assert refusal.value.code == "invalid_argument"


def _checked(a: Rows, b: list[Fraction], result: dict[str, JsonValue]) -> str:
    matrix, right = oracle(a), oracle([[value] for value in b])
    rank, width = matrix.rank(), len(a[0])
    solvable = matrix.row_join(right).rank() == rank
    kind = "none" if not solvable else "unique" if rank == width else "infinite"
    assert (result["kind"], result["rank"]) == (kind, rank)
    if kind != "none":
        assert isinstance(result["solution"], list)
        assert matrix * sympy.Matrix([sympy.Rational(str(value)) for value in result["solution"]]) == right
        directions = oracle(told(result["directions"])) if rank < width else sympy.zeros(0, width)
        assert directions.rank() == width - rank
        assert (matrix * directions.T).is_zero_matrix if rank < width else True
    return kind


def outcome(operation: str, a: JsonValue) -> str:
    try:
        invoke("matrix_calc", {"operation": operation, "a": a})
    except ToolError as error:
        return error.code
    return "answered"


def test_the_largest_matrix_of_long_entries_is_answered_or_refused_quickly() -> None:
    source = random.Random(SEED)
    for digits in (1, 8, 59):
        a: JsonValue = [[str(source.randrange(10**digits)) for _ in range(12)] for _ in range(12)]
        for operation in ("determinant", "inverse", "rank", "eigenvalues"):
            started = time.thread_time()
            assert outcome(operation, a) in ("answered", "limit_exceeded", "undecided")
            assert time.thread_time() - started < 30


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"operation": "add", "a": [[1]], "b": [[1, 2]]}, "invalid_argument"),
        ({"operation": "multiply", "a": [[1, 2]], "b": [[1, 2]]}, "invalid_argument"),
        ({"operation": "determinant", "a": [[1, 2]]}, "invalid_argument"),
        ({"operation": "determinant", "a": [[1], [1, 2]]}, "invalid_argument"),
        ({"operation": "determinant", "a": [[1]], "b": [[1]]}, "invalid_argument"),
        ({"operation": "add", "a": [[1]]}, "invalid_argument"),
        ({"operation": "power", "a": [[2]], "b": [["1/2"]]}, "invalid_argument"),
        ({"operation": "power", "a": [[2]], "b": [[10_000]]}, "limit_exceeded"),
        ({"operation": "power", "a": [["9" * 50]], "b": [[1_000]]}, "limit_exceeded"),
        ({"operation": "rank", "a": [["1/0"]]}, "division_by_zero"),
        ({"operation": "rank", "a": [["x"]]}, "invalid_argument"),
        ({"operation": "rank", "a": [[True]]}, "invalid_argument"),
        ({"operation": "rank", "a": [[0.30000000000000004]]}, "invalid_argument"),
        ({"operation": "rank", "a": [[0] * 13]}, "limit_exceeded"),
        ({"operation": "rank", "a": []}, "invalid_argument"),
    ],
)
def test_what_does_not_fit_is_refused(args: dict[str, JsonValue], expected: str) -> None:
    assert code("matrix_calc", args) == expected
