"""`matrix_calc`: matrices with rational entries, exactly."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Literal

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.algebra.deadline import TIME_LIMITS, within_search_time
from services.mcp.tools.pure.algebra.entries import MAX_ENTRY_CHARS, MAX_SIZE, Rows, read_matrix, rows_text
from services.mcp.tools.pure.algebra.linear import (
    MAX_DIGITS,
    Matrix,
    added,
    characteristic_polynomial,
    determinant,
    eliminate,
    inverse,
    power,
    product,
    transposed,
)
from services.mcp.tools.pure.algebra.polynomials import polynomial_text
from services.mcp.tools.pure.algebra.roots import polynomial_roots
from services.mcp.tools.pure.algebra.solutions import ROUNDING, Solution, root_text, solution_text
from services.mcp.tools.pure.calculate.rendering import exact_text
from services.mcp.tools.pure.deadline import within_call_time

MAX_EXPONENT = 1_000
Operation = Literal[
    "add", "subtract", "multiply", "determinant", "inverse", "rank", "transpose", "power", "eigenvalues", "trace"
]


class MatrixCalcArguments(ToolModel):
    """`b` is the second matrix; for power it is the exponent, as a matrix of one entry: [[3]]."""

    operation: Operation
    a: Rows
    b: Rows | None = None


class MatrixCalcResult(ToolModel):
    """`matrix`, `number` or `eigenvalues`, as the operation has it; entries are integers or fractions p/q."""

    operation: Operation
    matrix: list[list[str]] | None = None
    number: str | None = None
    characteristic_polynomial: str | None = Field(default=None, description="det(x I - a)")
    eigenvalues: list[Solution] | None = None
    unlisted_non_real: int | None = Field(default=None, description="Non-real eigenvalues that have no formula here")
    rounding: str = ROUNDING
    method: str = "fractions; elimination by Bareiss, characteristic polynomial by Faddeev and LeVerrier"


def matrix_calc(arguments: MatrixCalcArguments) -> MatrixCalcResult:
    """Raises ToolError."""
    a = read_matrix(arguments.a, "a")
    takes_b = arguments.operation in _WITH_B
    if takes_b != (arguments.b is not None):
        raise ToolError("invalid_argument", f"b: {arguments.operation} {'needs it' if takes_b else 'does not take it'}")
    if arguments.b is not None:
        matrix = _WITH_B[arguments.operation](a, read_matrix(arguments.b, "b"))
        return MatrixCalcResult(operation=arguments.operation, matrix=rows_text(matrix))
    if arguments.operation in ("determinant", "inverse", "eigenvalues", "trace"):
        _require(f"a: {arguments.operation} needs a square matrix", holds=len(a) == len(a[0]))
    if arguments.operation in _MATRICES:
        matrix = _MATRICES[arguments.operation](a)
        return MatrixCalcResult(operation=arguments.operation, matrix=rows_text(matrix))
    if arguments.operation in _NUMBERS:
        return MatrixCalcResult(operation=arguments.operation, number=str(_NUMBERS[arguments.operation](a)))
    return _eigenvalues(a)


def _eigenvalues(a: Matrix) -> MatrixCalcResult:
    with within_search_time("the eigenvalues"):
        characteristic = characteristic_polynomial(a)
        roots = polynomial_roots(characteristic)
    return MatrixCalcResult(
        operation="eigenvalues",
        characteristic_polynomial=polynomial_text(characteristic, "x"),
        eigenvalues=[root_text(root) for root in (*roots.real, *roots.non_real)],
        unlisted_non_real=roots.unlisted,
    )


def _sum(a: Matrix, b: Matrix) -> Matrix:
    _require("b: it needs as many rows and columns as a", holds=len(a) == len(b) and len(a[0]) == len(b[0]))
    return added(a, b)


def _difference(a: Matrix, b: Matrix) -> Matrix:
    return _sum(a, tuple(tuple(-entry for entry in row) for row in b))


def _product(a: Matrix, b: Matrix) -> Matrix:
    _require(f"b: it needs {len(a[0])} rows, as many as a has columns", holds=len(a[0]) == len(b))
    return product(a, b)


def _power(a: Matrix, b: Matrix) -> Matrix:
    _require("a: power needs a square matrix", holds=len(a) == len(a[0]))
    _require("b: power needs an integer exponent: [[3]]", holds=len(b) == len(b[0]) == 1 and b[0][0].denominator == 1)
    exponent = int(b[0][0])
    if abs(exponent) > MAX_EXPONENT:
        raise ToolError("limit_exceeded", f"exponent: the limit is {MAX_EXPONENT:,}")
    if exponent >= 0:
        return power(a, exponent)
    return power(inverse(a), -exponent)


def _trace(a: Matrix) -> Fraction:
    return sum((row[i] for i, row in enumerate(a)), Fraction(0))


def _require(message: str, *, holds: bool) -> None:
    if not holds:
        raise ToolError("invalid_argument", message)


_WITH_B: Mapping[Operation, Callable[[Matrix, Matrix], Matrix]] = {
    "add": _sum,
    "subtract": _difference,
    "multiply": _product,
    "power": _power,
}
_MATRICES: Mapping[Operation, Callable[[Matrix], Matrix]] = {"inverse": inverse, "transpose": transposed}
_NUMBERS: Mapping[Operation, Callable[[Matrix], Fraction | int]] = {
    "determinant": determinant,
    "rank": lambda a: len(eliminate(a, len(a[0])).pivots),
    "trace": _trace,
}
_LONGEST_FORM = 600
_NAMES: Mapping[Operation, Bilingual] = {
    "determinant": Bilingual(en="The determinant", de="Die Determinante"),
    "rank": Bilingual(en="The rank", de="Der Rang"),
    "trace": Bilingual(en="The trace", de="Die Spur"),
    "inverse": Bilingual(en="The inverse", de="Die Inverse"),
    "transpose": Bilingual(en="The transpose", de="Die Transponierte"),
    "add": Bilingual(en="The sum", de="Die Summe"),
    "subtract": Bilingual(en="The difference", de="Die Differenz"),
    "multiply": Bilingual(en="The product", de="Das Produkt"),
    "power": Bilingual(en="The power", de="Die Potenz"),
    "eigenvalues": Bilingual(en="The eigenvalues", de="Die Eigenwerte"),
}


def _phrase(result: MatrixCalcResult, style: AnswerStyle) -> str:
    german = style.language == "de"
    name = _NAMES[result.operation].text(style.language)
    if result.number is not None:
        text = exact_text(Fraction(result.number)).text or result.number
        return f"{name} {'ist' if german else 'is'} {text.replace('.', ',') if german else text}."
    if result.matrix is not None:
        rows = "; ".join(" ".join(row) for row in result.matrix)
        if len(rows) > _LONGEST_FORM:
            size = f"{len(result.matrix)} x {len(result.matrix[0])}"
            return f"{name} {'hat' if german else 'has'} {size} {'Einträge' if german else 'entries'}."
        return f"{name} {'ist' if german else 'is'} [{rows}]."
    values = "; ".join(_described(value, german=german) for value in result.eigenvalues or []) or "-"
    rest = (
        f" ({result.unlisted_non_real} {'nicht reelle' if german else 'non-real'})" if result.unlisted_non_real else ""
    )
    return f"{name} {'sind' if german else 'are'} {values}{rest}."


def _described(value: Solution, *, german: bool) -> str:
    text = solution_text(value, german=german).removeprefix("= ")
    return f"{text} ({value.multiplicity}x)" if value.multiplicity > 1 else text


MATRIX_CALC = Tool(
    name="matrix_calc",
    description=Bilingual(
        en="Exact matrices: sum, product, power, determinant, inverse, rank, trace, transpose, eigenvalues",
        de="Exakte Matrizen: Summe, Produkt, Potenz, Determinante, Inverse, Rang, Spur, Transponierte, Eigenwerte",
    ),
    keywords=Bilingual(
        en="matrix matrices determinant inverse eigenvalues rank transpose multiply linear algebra trace",
        de="matrix matrizen determinante inverse eigenwerte rang transponieren multiplizieren spur lineare algebra",
    ),
    arguments=MatrixCalcArguments,
    result=MatrixCalcResult,
    run=within_call_time(matrix_calc),
    answer=_phrase,
    limits=(
        Limit(name="rows", value=MAX_SIZE, unit="rows"),
        Limit(name="entry_chars", value=MAX_ENTRY_CHARS, unit="characters"),
        Limit(name="digits", value=MAX_DIGITS, unit="digits"),
        Limit(name="exponent", value=MAX_EXPONENT, unit="integer"),
        *TIME_LIMITS,
    ),
    example=Example(
        args={"operation": "inverse", "a": [[2, 1], ["1/2", 3]]},
        result={
            "operation": "inverse",
            "matrix": [["6/11", "-2/11"], ["-1/11", "4/11"]],
            "number": None,
            "characteristic_polynomial": None,
            "eigenvalues": None,
            "unlisted_non_real": None,
            "rounding": ROUNDING,
            "method": "fractions; elimination by Bareiss, characteristic polynomial by Faddeev and LeVerrier",
        },
        answer="The inverse is [6/11 -2/11; -1/11 4/11].",
    ),
    error_example=ErrorExample(args={"operation": "inverse", "a": [[1, 2], [2, 4]]}, code="domain_error"),
)
