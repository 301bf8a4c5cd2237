"""Numbers a + b sqrt(r) with rational a, b and an integer r that is no square: roots of quadratics, also complex."""

from dataclasses import dataclass
from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.algebra.polynomials import Polynomial
from services.mcp.tools.pure.calculate.exact import Surd, exact_root
from services.mcp.tools.pure.calculate.rendering import RoundedText, exact_text, product_text, rounded_text
from services.mcp.tools.pure.calculate.tape import Tape


@dataclass(frozen=True, slots=True)
class QuadraticNumber:
    """rational + factor * sqrt(radicand); factor is not zero; a negative radicand makes it complex."""

    rational: Fraction
    factor: Fraction
    radicand: int

    @property
    def is_real(self) -> bool:
        return self.radicand > 0


def quadratic_roots(value: Polynomial) -> tuple[QuadraticNumber, QuadraticNumber]:
    """Both roots of an irreducible quadratic, the smaller (or the one below the real axis) first."""
    c, b, a = value
    discriminant = b * b - 4 * a * c
    factor, radicand = _root_of(abs(discriminant))
    step = factor / (2 * abs(a))
    sign = 1 if discriminant > 0 else -1
    middle = -b / (2 * a)
    return QuadraticNumber(middle, -step, sign * radicand), QuadraticNumber(middle, step, sign * radicand)


def is_root(value: Polynomial, number: QuadraticNumber) -> bool:
    """Whether the polynomial is exactly zero there: Horner's scheme on pairs (x, y) for x + y sqrt(r)."""
    x, y = Fraction(0), Fraction(0)
    a, b, r = number.rational, number.factor, number.radicand
    for coefficient in reversed(value):
        x, y = x * a + y * b * r + coefficient, x * b + y * a
    return x == 0 and y == 0


def quadratic_text(number: QuadraticNumber) -> str:
    """Write the number: 1/2 + sqrt(5)/2, -1 + 2*i."""
    if number.is_real:
        return _real_text(number.rational, number.factor, number.radicand)
    size = abs(number.radicand)
    imaginary = product_text(number.factor, "i" if size == 1 else f"sqrt({size})*i")
    if not number.rational:
        return imaginary
    joined = f" - {imaginary[1:]}" if imaginary.startswith("-") else f" + {imaginary}"
    return f"{number.rational}{joined}"


def quadratic_rounded(number: QuadraticNumber) -> RoundedText:
    """Number with 15 significant digits in each part."""
    if number.is_real:
        return rounded_text(_surd(number.rational, number.factor, number.radicand), Tape())
    size = abs(number.radicand)
    part = number.factor if size == 1 else _surd(Fraction(0), number.factor, size)
    imaginary = rounded_text(part, Tape())
    real = rounded_text(number.rational, Tape())
    sign, digits = ("-", imaginary.text[1:]) if imaginary.text.startswith("-") else ("+", imaginary.text)
    text = f"{real.text} {sign} {digits}*i" if number.rational else f"{imaginary.text}*i"
    return RoundedText(text, real.is_exact and imaginary.is_exact)


def _surd(rational: Fraction, factor: Fraction, radicand: int) -> Surd:
    terms = ((1, rational), (radicand, factor))
    return Surd(tuple(term for term in terms if term[1]))


def _real_text(rational: Fraction, factor: Fraction, radicand: int) -> str:
    text = exact_text(_surd(rational, factor, radicand)).text
    if text is None:
        raise ToolError("limit_exceeded", "digits of an exact root: the limit is 1,000")
    return text


def _root_of(value: Fraction) -> tuple[Fraction, int]:
    """(f, r) with sqrt(value) = f sqrt(r); r is square-free where it is small enough to be split."""
    exact = exact_root(value)
    if isinstance(exact, Fraction):
        return exact, 1
    if isinstance(exact, Surd):
        ((radicand, factor),) = exact.terms
        return factor, radicand
    return Fraction(1, value.denominator), value.numerator * value.denominator
