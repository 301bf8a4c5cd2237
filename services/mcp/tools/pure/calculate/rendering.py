"""Values and trees as text: the exact form, the rounded form, and how the expression was read."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Literal

from services.mcp.tools.pure.calculate.exact import PiMultiple, Surd
from services.mcp.tools.pure.calculate.intervals import Interval
from services.mcp.tools.pure.calculate.limits import MAX_RESULT_DIGITS, bits, exceeded
from services.mcp.tools.pure.calculate.tape import Approximate, Tape, Value
from services.mcp.tools.pure.calculate.tree import (
    Call,
    Chain,
    Constant,
    Negate,
    Node,
    Number,
    Operator,
    Postfix,
    Power,
    Variable,
)

ExactKind = Literal["integer", "decimal", "fraction", "symbolic", "none"]

SIGNIFICANT_DIGITS = 15
_ROUND = Context(prec=SIGNIFICANT_DIGITS, rounding=ROUND_HALF_EVEN, Emin=MIN_EMIN, Emax=MAX_EMAX)
_TOO_LARGE = Fraction(10**MAX_RESULT_DIGITS)
_LARGEST_PLAIN_EXPONENT = 20
_SMALLEST_PLAIN_EXPONENT = -7
_BITS_PER_RESULT = int(MAX_RESULT_DIGITS * 3.33) + 8
_OPERATOR_TEXT: Mapping[Operator, str] = {"of": " * ", "mod": " mod "}
_POSTFIX_TEXT = {"!": "!", "%": "%", "deg": "°"}


@dataclass(frozen=True, slots=True)
class ExactText:
    """An exact value as text, or None with kind `none`."""

    text: str | None
    kind: ExactKind


@dataclass(frozen=True, slots=True)
class RoundedText:
    """A rounded value, and whether rounding changed nothing."""

    text: str
    is_exact: bool


def exact_text(value: Value) -> ExactText:
    """Exact form, where there is one of at most `MAX_RESULT_DIGITS` digits."""
    if isinstance(value, Approximate):
        return ExactText(None, "none")
    if isinstance(value, Fraction):
        return _fraction_text(value)
    coefficients = (value.coefficient,) if isinstance(value, PiMultiple) else tuple(c for _, c in value.terms)
    if max(bits(coefficient) for coefficient in coefficients) > _BITS_PER_RESULT:
        return ExactText(None, "none")
    text = product_text(value.coefficient, "pi") if isinstance(value, PiMultiple) else _surd_text(value)
    return ExactText(text, "symbolic") if len(text) <= MAX_RESULT_DIGITS else ExactText(None, "none")


def rounded_text(value: Value, tape: Tape) -> RoundedText:
    """The value with 15 significant digits, correctly rounded, halves to even. Raises ToolError.

    An irrational form whose bounds include zero is undecided, never zero.
    """
    rounded = _round_fraction(value) if isinstance(value, Fraction) else tape.decide(value, _common_rounding)
    largest = abs(value) if isinstance(value, Fraction) else abs(Fraction(rounded))
    if largest and not 1 / _TOO_LARGE < largest < _TOO_LARGE:
        raise exceeded("digits of the result", MAX_RESULT_DIGITS)
    exact = isinstance(value, Fraction) and Fraction(rounded) == value
    return RoundedText(decimal_text(rounded, keep_zeros=not exact), exact)


def decimal_text(value: Decimal, *, keep_zeros: bool) -> str:
    """Write a decimal plainly, or with a power of ten where it would be mostly zeros."""
    if not keep_zeros:
        value = value.normalize(_ROUND)
    if not value:
        return "0"
    unknown_digits = keep_zeros and value.adjusted() >= SIGNIFICANT_DIGITS
    if _SMALLEST_PLAIN_EXPONENT <= value.adjusted() <= _LARGEST_PLAIN_EXPONENT and not unknown_digits:
        return f"{value:f}"
    return f"{value:e}"


def expression_text(node: Node) -> str:
    """Write a tree with exactly one reading: points, parentheses, no conventions needed."""
    if isinstance(node, Number):
        text = _fraction_text(node.value).text or decimal_text(_round_fraction(node.value), keep_zeros=False)
        return f"({text})" if "/" in text else text
    if isinstance(node, Constant | Variable):
        return node.name
    if isinstance(node, Call):
        return f"{node.name}({'; '.join([expression_text(argument) for argument in node.arguments])})"
    if isinstance(node, Negate):
        return f"-{_inner_text(node.operand)}"
    if isinstance(node, Postfix):
        return f"{_inner_text(node.operand)}{_POSTFIX_TEXT[node.operator]}"
    if isinstance(node, Power):
        return f"{_inner_text(node.base)}^{_inner_text(node.exponent)}"
    return _chain_text(node)


def _chain_text(node: Chain) -> str:
    parts = [_inner_text(node.first)]
    for operator, operand in node.rest:
        parts.append(_OPERATOR_TEXT.get(operator, f" {operator} "))
        parts.append(_inner_text(operand))
    return "".join(parts)


def _inner_text(node: Node) -> str:
    text = expression_text(node)
    return text if isinstance(node, Number | Constant | Variable | Call | Postfix) else f"({text})"


def _fraction_text(value: Fraction) -> ExactText:
    if bits(value) > _BITS_PER_RESULT:
        return ExactText(None, "none")
    if value.denominator == 1:
        return ExactText(str(value.numerator), "integer")
    places = _decimal_places(value.denominator)
    if places is None:
        return ExactText(f"{value.numerator}/{value.denominator}", "fraction")
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return ExactText(f"{sign}{digits[:-places]}.{digits[-places:]}", "decimal")


def _decimal_places(denominator: int) -> int | None:
    """Number of decimal places of a fraction in lowest terms; None if it never ends or needs too many."""
    twos = (denominator & -denominator).bit_length() - 1
    rest, fives = denominator >> twos, 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives)
    return places if rest == 1 and places <= MAX_RESULT_DIGITS else None


def _surd_text(value: Surd) -> str:
    text = ""
    for radicand, coefficient in value.terms:
        term = product_text(coefficient, "" if radicand == 1 else f"sqrt({radicand})")
        if text:
            text += f" - {term[1:]}" if term.startswith("-") else f" + {term}"
        else:
            text = term
    return text


def product_text(coefficient: Fraction, factor: str) -> str:
    """Write coefficient * factor without a needless 1: `-sqrt(2)/3`; an empty factor is 1."""
    if not factor:
        return str(coefficient)
    numerator = {1: factor, -1: f"-{factor}"}.get(coefficient.numerator, f"{coefficient.numerator}*{factor}")
    return numerator if coefficient.denominator == 1 else f"{numerator}/{coefficient.denominator}"


def _round_fraction(value: Fraction) -> Decimal:
    return _ROUND.divide(Decimal(value.numerator), Decimal(value.denominator))


def _common_rounding(interval: Interval) -> Decimal | None:
    low, high = _ROUND.plus(interval.low), _ROUND.plus(interval.high)
    return low if low == high else None
