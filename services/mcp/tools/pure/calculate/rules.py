"""Conventions for ambiguous expressions. A result names those that it depends on."""

from collections.abc import Mapping
from typing import Literal

from services.mcp.contract import Bilingual

RuleName = Literal[
    "percent_of_left",
    "remainder",
    "floor_division",
    "round_half_away",
    "log_natural",
    "radians",
    "zero_to_zero",
    "minus_before_power",
]

RULES: Mapping[RuleName, Bilingual] = {
    "percent_of_left": Bilingual(
        en="a + p % adds p percent of a, a - p % takes p percent of a away",
        de="a + p % schlägt p Prozent von a auf, a - p % zieht p Prozent von a ab",
    ),
    "remainder": Bilingual(
        en="% between two numbers is the remainder of floor division and has the sign of the divisor",
        de="% zwischen zwei Zahlen ist der Rest der abgerundeten Division und trägt das Vorzeichen des Divisors",
    ),
    "floor_division": Bilingual(
        en="// divides and rounds down, towards minus infinity",
        de="// dividiert und rundet ab, in Richtung minus unendlich",
    ),
    "round_half_away": Bilingual(
        en="round takes halves away from zero",
        de="round rundet Hälften von null weg (kaufmännisch)",
    ),
    "log_natural": Bilingual(
        en="log with one argument is the natural logarithm; log10 has base 10",
        de="log mit einem Argument ist der natürliche Logarithmus; log10 hat die Basis 10",
    ),
    "radians": Bilingual(
        en="angles are in radians unless marked with °",
        de="Winkel stehen im Bogenmaß, wenn kein ° dabeisteht",
    ),
    "zero_to_zero": Bilingual(en="0 ^ 0 is taken as 1", de="0 ^ 0 gilt als 1"),
    "minus_before_power": Bilingual(
        en="a power binds tighter than the minus before it: -2^2 is -(2^2)",
        de="die Potenz bindet stärker als das Minus davor: -2^2 ist -(2^2)",
    ),
}
