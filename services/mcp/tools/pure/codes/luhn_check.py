"""`luhn_check`: whether the last digit of a number is its Luhn check digit. The number itself is never repeated."""

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.codes.check_digits import luhn
from services.mcp.tools.pure.codes.written import MAX_CODE_CHARS, digits_of

LUHN_RULE = "ISO/IEC 7812-1: every second digit from the right is doubled, nines cast out; the sum is a multiple of 10"
_SHOWN = 4
_SHORT = 12  # of a shorter number, four digits would be too much of it


class LuhnCheckArguments(ToolModel):
    """A number whose last digit is the check digit."""

    number: str = Field(min_length=1, max_length=MAX_CODE_CHARS)


class LuhnCheckResult(ToolModel):
    """Whether the check digit is right. A right one says nothing about whether the number was ever given out."""

    valid: bool
    masked: str = Field(description="The number with all but its last digits hidden")
    digits: int
    expected_check_digit: int
    digit_to_append: int = Field(description="The check digit of the whole number, if it had none yet")
    rule: str = LUHN_RULE


def luhn_check(arguments: LuhnCheckArguments) -> LuhnCheckResult:
    """Raises ToolError for anything but a number of two digits or more."""
    number = digits_of(arguments.number, "number")
    if len(number) < 2:
        raise ToolError("invalid_argument", "number: has at least two digits, the last is the check digit")
    shown = _SHOWN if len(number) >= _SHORT else 1
    expected = luhn(number[:-1])
    return LuhnCheckResult(
        valid=expected == int(number[-1]),
        masked="*" * (len(number) - shown) + number[-shown:],
        digits=len(number),
        expected_check_digit=expected,
        digit_to_append=luhn(number),
    )


def phrase(result: LuhnCheckResult, style: AnswerStyle) -> str:
    """One sentence with the masked number."""
    if style.language == "de":
        verdict = "ist richtig" if result.valid else f"ist falsch, richtig wäre {result.expected_check_digit}"
        return f"Die Luhn-Prüfziffer von {result.masked} {verdict}."
    verdict = "is right" if result.valid else f"is wrong, {result.expected_check_digit} would be right"
    return f"The Luhn check digit of {result.masked} {verdict}."


LUHN_CHECK = Tool(
    name="luhn_check",
    description=Bilingual(
        en="Whether a number's last digit is its Luhn check digit; only the last digits are shown again",
        de="Ob die letzte Ziffer einer Nummer ihre Luhn-Prüfziffer ist; nur die letzten Ziffern werden gezeigt",
    ),
    keywords=Bilingual(
        en="luhn check digit card number credit card imei valid checksum mod 10",
        de="luhn prüfziffer kartennummer kreditkarte imei gültig prüfsumme modulo 10",
    ),
    arguments=LuhnCheckArguments,
    result=LuhnCheckResult,
    run=luhn_check,
    answer=phrase,
    limits=(Limit(name="code_chars", value=MAX_CODE_CHARS, unit="characters"),),
    example=Example(
        args={"number": "4539 1488 0343 6467"},
        result={
            "valid": True,
            "masked": "************6467",
            "digits": 16,
            "expected_check_digit": 7,
            "digit_to_append": 8,
            "rule": LUHN_RULE,
        },
        answer="The Luhn check digit of ************6467 is right.",
    ),
    error_example=ErrorExample(args={"number": "4539 1488 0343 646X"}, code="invalid_argument"),
)
