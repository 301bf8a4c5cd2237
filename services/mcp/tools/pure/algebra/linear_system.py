"""`linear_system`: all solutions of a x = b, exactly, with free parameters where there are many."""

import re
from fractions import Fraction
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.algebra.entries import MAX_ENTRY_CHARS, MAX_SIZE, Column, Rows, read_matrix
from services.mcp.tools.pure.algebra.linear import MAX_DIGITS, Echelon, Matrix, eliminate, product
from services.mcp.tools.pure.number_argument import read_number

METHOD = "elimination without fractions (Bareiss); verified by substitution"
Kind = Literal["unique", "infinite", "none"]
MAX_NAME_CHARS = 20
Name: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z\u03b1-\u03c9][A-Za-z0-9_]*$", max_length=MAX_NAME_CHARS)]
_PARAMETER = re.compile(r"t\d+")


class LinearSystemArguments(ToolModel):
    """One row of `a` and one entry of `b` for each equation."""

    a: Rows
    b: Column
    names: list[Name] | None = Field(
        default=None, max_length=MAX_SIZE, description="The unknowns, one for each column of a; x1, x2, … if null"
    )


class LinearSystemResult(ToolModel):
    """x = solution + t1 * directions[0] + t2 * directions[1] + …, for any numbers t."""

    kind: Kind
    unknowns: int
    names: list[str]
    rank: int
    solution: list[str] | None = Field(description="The solution, or one of many; null if there is none")
    directions: list[list[str]]
    free: list[str] = Field(description="The unknowns that may be chosen freely: the j-th is tj")
    method: str = METHOD


def linear_system(arguments: LinearSystemArguments) -> LinearSystemResult:
    """Raises ToolError."""
    a = read_matrix(arguments.a, "a")
    b = tuple(read_number(entry, "b") for entry in arguments.b)
    if len(a) != len(b):
        raise ToolError("invalid_argument", f"b: it needs {len(a)} entries, one for each row of a")
    unknowns = len(a[0])
    names = _names(arguments.names, unknowns)
    echelon = eliminate(tuple((*row, right) for row, right in zip(a, b, strict=True)), unknowns)
    rank = len(echelon.pivots)
    if any(row[unknowns] for row in echelon.rows[rank:]):
        return LinearSystemResult(
            kind="none", unknowns=unknowns, names=names, rank=rank, solution=None, directions=[], free=[]
        )
    solution, directions = _solved(echelon, unknowns)
    _verify(a, b, solution, directions)
    return LinearSystemResult(
        kind="infinite" if directions else "unique",
        unknowns=unknowns,
        names=names,
        rank=rank,
        solution=[str(value) for value in solution],
        directions=[[str(value) for value in direction] for direction in directions],
        free=[name for column, name in enumerate(names) if column not in echelon.pivots],
    )


def _names(names: list[str] | None, unknowns: int) -> list[str]:
    """One name for each unknown. Raises ToolError(invalid_argument)."""
    if names is None:
        return [f"x{column + 1}" for column in range(unknowns)]
    if len(names) != unknowns or len(set(names)) != unknowns:
        raise ToolError("invalid_argument", f"names: it needs {unknowns} different names, one for each column of a")
    if any(_PARAMETER.fullmatch(name) for name in names):
        raise ToolError("invalid_argument", "names: t1, t2, … are the numbers that may be chosen freely")
    return names


def _solved(echelon: Echelon, unknowns: int) -> tuple[list[Fraction], list[list[Fraction]]]:
    """Solution whose free unknowns are 0, and for each free unknown the direction in which it is 1."""
    reduced = echelon.reduced()
    solution = [Fraction(0)] * unknowns
    for row, column in zip(reduced, echelon.pivots, strict=False):
        solution[column] = row[unknowns]
    directions = []
    for free in (column for column in range(unknowns) if column not in echelon.pivots):
        direction = [Fraction(int(column == free)) for column in range(unknowns)]
        for row, column in zip(reduced, echelon.pivots, strict=False):
            direction[column] = -row[free]
        directions.append(direction)
    return solution, directions


def _verify(a: Matrix, b: tuple[Fraction, ...], solution: list[Fraction], directions: list[list[Fraction]]) -> None:
    right = product(a, tuple((value,) for value in solution))
    flat = [product(a, tuple((value,) for value in direction)) for direction in directions]
    if tuple(row[0] for row in right) != b or any(row[0] for image in flat for row in image):
        raise ToolError("undecided", "the solution could not be verified by substitution")


def _phrase(result: LinearSystemResult, style: AnswerStyle) -> str:
    german = style.language == "de"
    if result.solution is None:
        return "Das Gleichungssystem hat keine Lösung." if german else "The system has no solution."
    terms = [_component(result, i) for i in range(result.unknowns)]
    shown = ", ".join(f"{name} = {term}" for name, term in zip(result.names, terms, strict=True))
    if result.kind == "unique":
        return f"Die eindeutige Lösung ist {shown}." if german else f"The only solution is {shown}."
    free = ", ".join(f"t{j + 1}" for j in range(len(result.directions)))
    if german:
        return f"Unendlich viele Lösungen: {shown}; {free} beliebig."
    return f"There are infinitely many solutions: {shown}; {free} any number."


def _component(result: LinearSystemResult, i: int) -> str:
    """Write one unknown: 3 - 2*t1 + t2/3."""
    terms = [] if result.solution is None or result.solution[i] == "0" else [result.solution[i]]
    for j, direction in enumerate(result.directions):
        value = Fraction(direction[i])
        if value:
            factor = f"t{j + 1}"
            top = {1: factor, -1: f"-{factor}"}.get(value.numerator, f"{value.numerator}*{factor}")
            terms.append(top if value.denominator == 1 else f"{top}/{value.denominator}")
    return " + ".join(terms).replace("+ -", "- ") or "0"


LINEAR_SYSTEM = Tool(
    name="linear_system",
    description=Bilingual(
        en="Solve systems of linear equations exactly: one, no or infinitely many solutions",
        de="Lineare Gleichungssysteme exakt lösen: eine, keine oder unendlich viele Lösungen",
    ),
    keywords=Bilingual(
        en="linear system equations simultaneous unknowns gauss elimination solve",
        de="lineares gleichungssystem lgs gleichungen unbekannte gauß elimination lösen",
    ),
    arguments=LinearSystemArguments,
    result=LinearSystemResult,
    run=linear_system,
    answer=_phrase,
    limits=(
        Limit(name="equations", value=MAX_SIZE, unit="rows"),
        Limit(name="unknowns", value=MAX_SIZE, unit="columns"),
        Limit(name="entry_chars", value=MAX_ENTRY_CHARS, unit="characters"),
        Limit(name="digits", value=MAX_DIGITS, unit="digits"),
    ),
    example=Example(
        args={"a": [[2, 1], [1, -1]], "b": [5, "1/2"], "names": ["x", "y"]},
        result={
            "kind": "unique",
            "unknowns": 2,
            "names": ["x", "y"],
            "rank": 2,
            "solution": ["11/6", "4/3"],
            "directions": [],
            "free": [],
            "method": METHOD,
        },
        answer="The only solution is x = 11/6, y = 4/3.",
    ),
    error_example=ErrorExample(args={"a": [[2, 1], [1]], "b": [5, 1]}, code="invalid_argument"),
)
