"""`gcd_lcm`: greatest common divisor and least common multiple, with the coefficients that prove the divisor."""

from typing import Literal

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolModel
from services.mcp.tools.pure.arithmetic.integers import MAX_INTEGER_DIGITS, Integer

RULE = "results are never negative; gcd(0, 0) = 0; lcm(a, 0) = 0"
_LONGEST_ECHO = 40


class GcdLcmArguments(ToolModel):
    """Two integers."""

    a: Integer
    b: Integer
    operation: Literal["both", "gcd", "lcm"] = "both"


class GcdLcmResult(ToolModel):
    """Integers as decimal strings, so that no digit is lost; gcd = x * a + y * b."""

    a: str
    b: str
    gcd: str | None
    lcm: str | None
    x: str | None = Field(description="Bezout coefficient of a: gcd = x * a + y * b")
    y: str | None = Field(description="Bezout coefficient of b")
    rule: str = RULE


def gcd_lcm(arguments: GcdLcmArguments) -> GcdLcmResult:
    """Result of `operation`; the other fields are null."""
    a, b = int(arguments.a), int(arguments.b)
    divisor, x, y = extended_gcd(a, b)
    multiple = abs(a // divisor * b) if divisor else 0
    wants_gcd, wants_lcm = arguments.operation != "lcm", arguments.operation != "gcd"
    return GcdLcmResult(
        a=str(a),
        b=str(b),
        gcd=str(divisor) if wants_gcd else None,
        lcm=str(multiple) if wants_lcm else None,
        x=str(x) if wants_gcd else None,
        y=str(y) if wants_gcd else None,
    )


def extended_gcd(a: int, b: int) -> tuple[int, int, int]:
    """(g, x, y) with g = gcd(a, b) = x a + y b >= 0, by Euclid's algorithm."""
    previous, current = (a, 1, 0), (b, 0, 1)
    while current[0]:
        quotient = previous[0] // current[0]
        rest = tuple(p - quotient * c for p, c in zip(previous, current, strict=True))
        previous, current = current, (rest[0], rest[1], rest[2])
    sign = -1 if previous[0] < 0 else 1
    return sign * previous[0], sign * previous[1], sign * previous[2]


def _phrase(result: GcdLcmResult, style: AnswerStyle) -> str:
    names = ("ggT", "kgV") if style.language == "de" else ("gcd", "lcm")
    shown = (
        f"({_short(result.a)}; {_short(result.b)})"
        if style.language == "de"
        else (f"({_short(result.a)}, {_short(result.b)})")
    )
    parts = [f"{name}{shown} = {value}" for name, value in zip(names, (result.gcd, result.lcm), strict=True) if value]
    if style.focus == "lcm":
        parts.reverse()
    joint = " und " if style.language == "de" else " and "
    return f"{joint.join(parts)}."


def _short(digits: str) -> str:
    return digits if len(digits) <= _LONGEST_ECHO else f"{digits[:12]}…{digits[-4:]}"


GCD_LCM = Tool(
    name="gcd_lcm",
    description=Bilingual(
        en="Greatest common divisor and least common multiple of two integers",
        de="Größter gemeinsamer Teiler und kleinstes gemeinsames Vielfaches zweier ganzer Zahlen",
    ),
    keywords=Bilingual(
        en="gcd lcm greatest common divisor factor least lowest common multiple hcf bezout euclid coprime",
        de="ggt kgv größter gemeinsamer teiler kleinstes gemeinsames vielfaches euklid teilerfremd",
    ),
    arguments=GcdLcmArguments,
    result=GcdLcmResult,
    run=gcd_lcm,
    answer=_phrase,
    limits=(Limit(name="digits", value=MAX_INTEGER_DIGITS, unit="digits"),),
    example=Example(
        args={"a": 84, "b": 36},
        result={"a": "84", "b": "36", "gcd": "12", "lcm": "252", "x": "1", "y": "-2", "rule": RULE},
        answer="gcd(84, 36) = 12 and lcm(84, 36) = 252.",
    ),
    error_example=ErrorExample(args={"a": 84, "b": "3.6"}, code="invalid_argument"),
    focuses=("gcd", "lcm"),
)
