"""Numbers of the form a + b*pi + c*pi^2 + ...: exact unit factors, angles included."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from services.mcp.contract import ToolError
from services.mcp.tools.pure.calculate.rendering import exact_text
from services.mcp.tools.pure.figures import Figure, as_decimal, decided, figure, real_figure
from services.mcp.tools.pure.statistics.special import pi

MAX_BITS = 4_000
_LONGEST_EXACT = 120


@dataclass(frozen=True, slots=True)
class Magnitude:
    """Coefficients by power of pi; none of them is zero, and no term at all is the number zero."""

    terms: tuple[tuple[int, Fraction], ...]

    @classmethod
    def of(cls, value: Fraction, power: int = 0) -> "Magnitude":
        return cls(((power, value),)) if value else cls(())

    @property
    def rational(self) -> Fraction | None:
        """The value where it contains no pi."""
        if not self.terms:
            return Fraction(0)
        return self.terms[0][1] if len(self.terms) == 1 and self.terms[0][0] == 0 else None

    def plus(self, other: "Magnitude") -> "Magnitude":
        summed = dict(self.terms)
        for power, value in other.terms:
            summed[power] = summed.get(power, Fraction(0)) + value
        return _significant(summed)

    def negated(self) -> "Magnitude":
        return Magnitude(tuple([(power, -value) for power, value in self.terms]))

    def times(self, other: "Magnitude") -> "Magnitude":
        if len(self.terms) == len(other.terms) == 1:  # nearly always
            (one, a), (two, b) = self.terms[0], other.terms[0]
            return _significant({one + two: a * b})
        product: dict[int, Fraction] = {}
        for one, a in self.terms:
            for two, b in other.terms:
                product[one + two] = product.get(one + two, Fraction(0)) + a * b
        return _significant(product)

    def inverse(self) -> "Magnitude":
        """Raises ToolError for zero and for sums with pi, whose inverse has no such form."""
        if not self.terms:
            raise ToolError("division_by_zero", "division by zero")
        if len(self.terms) > 1:
            raise ToolError("undecided", "division by a sum of angles in degrees and in radians has no exact form here")
        power, value = self.terms[0]
        return Magnitude.of(1 / value, -power)

    def to_power(self, exponent: int) -> "Magnitude":
        if exponent == 1:
            return self
        result = Magnitude.of(Fraction(1))
        for _ in range(abs(exponent)):
            result = result.times(self)
        return result if exponent >= 0 else result.inverse()

    def figure(self) -> Figure:
        """Exact form and the rounded value."""
        rational = self.rational
        if rational is not None:
            return figure(rational)
        shown = real_figure(decided(self._value))
        exact = self._text()
        return shown.model_copy(update={"exact": exact if len(exact) <= _LONGEST_EXACT else None})

    def _value(self) -> Decimal:
        return sum((as_decimal(value) * pi() ** power for power, value in self.terms), Decimal(0))

    def _text(self) -> str:
        return " + ".join([_term_text(power, value) for power, value in self.terms])


def _significant(terms: Mapping[int, Fraction]) -> Magnitude:
    nonzero = tuple(sorted([(power, value) for power, value in terms.items() if value]))
    if any(max(v.numerator.bit_length(), v.denominator.bit_length()) > MAX_BITS for _, v in nonzero):
        raise ToolError("limit_exceeded", f"bits of a number: the limit is {MAX_BITS:,}")
    return Magnitude(nonzero)


def _term_text(power: int, value: Fraction) -> str:
    number = exact_text(value).text or f"{value.numerator}/{value.denominator}"
    if power == 0:
        return number
    symbol = "pi" if abs(power) == 1 else f"pi^{abs(power)}"
    if power < 0:
        return f"{number}/{symbol}"
    return symbol if value == 1 else f"{number}*{symbol}"
