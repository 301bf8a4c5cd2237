"""`roman_numeral`: between integers from 1 to 3999 and Roman numerals in their one standard form."""

import re
from typing import Literal

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel

SMALLEST, LARGEST = 1, 3_999
MAX_VALUE_CHARS = 40
RULE = "standard subtractive form (IV, IX, XL, XC, CD, CM), 1 to 3999"
_SIGNS = (
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
)
_WORTH = {sign: worth for worth, sign in _SIGNS if len(sign) == 1}
_DIGITS = re.compile(r"[+-]?[0-9]+", re.ASCII)
_LETTERS = re.compile(r"[IVXLCDM]+")


class RomanNumeralArguments(ToolModel):
    """An integer in digits, or a Roman numeral."""

    value: str = Field(min_length=1, max_length=MAX_VALUE_CHARS, description="'1999' or 'MCMXCIX'")


class RomanNumeralResult(ToolModel):
    """The number in both ways of writing."""

    value: str
    number: int
    roman: str
    direction: Literal["to_roman", "from_roman"]
    rule: str = RULE


def roman_numeral(arguments: RomanNumeralArguments) -> RomanNumeralResult:
    """Raises ToolError for other input, for non-standard numerals, and outside 1 to 3999."""
    value = arguments.value.strip()
    if _DIGITS.fullmatch(value):
        number = int(value)
        return RomanNumeralResult(value=value, number=number, roman=to_roman(number), direction="to_roman")
    letters = value.upper()
    if not (value.isascii() and _LETTERS.fullmatch(letters)):
        raise ToolError("invalid_argument", "value: digits or the letters I, V, X, L, C, D, M are expected")
    number = from_roman(letters)
    return RomanNumeralResult(value=value, number=number, roman=letters, direction="from_roman")


def to_roman(number: int) -> str:
    """Raises ToolError(domain_error) outside 1 to 3999."""
    if not SMALLEST <= number <= LARGEST:
        raise ToolError("domain_error", f"value: Roman numerals go from {SMALLEST} to {LARGEST}")
    text = ""
    for worth, sign in _SIGNS:
        text += sign * (number // worth)
        number %= worth
    return text


def from_roman(letters: str) -> int:
    """Number of a numeral in capitals. Raises ToolError(invalid_argument) unless in standard form."""
    worths = [_WORTH[letter] for letter in letters]
    pairs = zip(worths, [*worths[1:], 0], strict=True)
    number = sum(-worth if worth < follower else worth for worth, follower in pairs)
    if not SMALLEST <= number <= LARGEST or to_roman(number) != letters:
        hint = f", {number} is {to_roman(number)}" if SMALLEST <= number <= LARGEST else ""
        raise ToolError("invalid_argument", f"value: not a Roman numeral in standard form{hint}")
    return number


def _phrase(result: RomanNumeralResult, style: AnswerStyle) -> str:
    if result.direction == "to_roman":
        verb = "ist in römischen Zahlen" if style.language == "de" else "in Roman numerals is"
        return f"{result.number} {verb} {result.roman}."
    return f"{result.roman} {'ist' if style.language == 'de' else 'is'} {result.number}."


ROMAN_NUMERAL = Tool(
    name="roman_numeral",
    description=Bilingual(
        en="Roman numerals to numbers and numbers to Roman numerals, 1 to 3999",
        de="Römische Zahlen in Zahlen und Zahlen in römische Zahlen, 1 bis 3999",
    ),
    keywords=Bilingual(
        en="roman numeral numerals latin number mcm xiv",
        de="römische zahl zahlen römisch ziffern umwandeln mcm xiv",
    ),
    arguments=RomanNumeralArguments,
    result=RomanNumeralResult,
    run=roman_numeral,
    answer=_phrase,
    limits=(
        Limit(name="value_chars", value=MAX_VALUE_CHARS, unit="characters"),
        Limit(name="number", value=LARGEST, unit="integer"),
    ),
    example=Example(
        args={"value": "1999"},
        result={"value": "1999", "number": 1999, "roman": "MCMXCIX", "direction": "to_roman", "rule": RULE},
        answer="1999 in Roman numerals is MCMXCIX.",
    ),
    error_example=ErrorExample(args={"value": "IIII"}, code="invalid_argument"),
)
