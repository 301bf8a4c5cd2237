"""`decimal_finance`: sums, shares and interest on exact decimals, rounded once, by a named rule."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.arithmetic.rounding import Rounding, decimal_text, rounded
from services.mcp.tools.pure.calculate.rendering import exact_text
from services.mcp.tools.pure.finance.amounts import MAX_AMOUNT_CHARS, MAX_SCALE, Amount, CurrencyCode, read_amounts

MAX_OPERANDS = 100
MAX_PERIODS = 1_200
MAX_POWER_DIGITS = 20_000
Operation = Literal["add", "subtract", "multiply", "divide", "percentage", "simple_interest", "compound_interest"]


class DecimalFinanceArguments(ToolModel):
    """Operands in the order that the operation names; rates in percent."""

    operation: Operation = Field(
        description=(
            "add, subtract, multiply, divide: from left to right. percentage: [amount, percent]. "
            "simple_interest: [principal, rate % a year, years]. compound_interest: [principal, rate % a year, years] "
            "or [principal, rate % a year, years, periods a year]"
        )
    )
    operands: list[Amount] = Field(min_length=2, max_length=MAX_OPERANDS, description="Strings such as '119.99'")
    currency: CurrencyCode | None = None
    scale: int = Field(default=2, ge=0, le=MAX_SCALE, description="Decimal places of the result")
    rounding: Rounding = "ROUND_HALF_UP"


class DecimalFinanceResult(ToolModel):
    """`amount` is rounded once, at the end. For interest, `interest` is the total minus the principal."""

    operation: Operation
    operands: list[str]
    currency: str | None
    exact: str | None = Field(description="The value before rounding: decimal or p/q; null beyond 1,000 digits")
    amount: str
    is_exact: bool
    interest: str | None
    scale: int
    rounding: Rounding
    formula: str


@dataclass(frozen=True, slots=True)
class _Operation:
    """A formula on `least` to `most` operands."""

    run: Callable[[tuple[Fraction, ...]], Fraction]
    formula: str
    least: int = 2
    most: int = MAX_OPERANDS


def decimal_finance(arguments: DecimalFinanceArguments) -> DecimalFinanceResult:
    """Raises ToolError."""
    operation = _OPERATIONS[arguments.operation]
    if not operation.least <= len(arguments.operands) <= operation.most:
        wanted = f"{operation.least} to {operation.most}" if operation.least < operation.most else str(operation.least)
        raise ToolError("invalid_argument", f"operands: {arguments.operation} takes {wanted}")
    operands = read_amounts(arguments.operands, "operands")
    value = operation.run(operands)
    amount = rounded(value, arguments.scale, arguments.rounding)
    has_interest = arguments.operation.endswith("interest")
    interest = rounded(value - operands[0], arguments.scale, arguments.rounding) if has_interest else None
    return DecimalFinanceResult(
        operation=arguments.operation,
        operands=[exact_text(operand).text or "" for operand in operands],
        currency=arguments.currency.upper() if arguments.currency else None,
        exact=exact_text(value).text,
        amount=decimal_text(amount),
        is_exact=Fraction(amount) == value,
        interest=None if interest is None else decimal_text(interest),
        scale=arguments.scale,
        rounding=arguments.rounding,
        formula=operation.formula,
    )


def _difference(operands: tuple[Fraction, ...]) -> Fraction:
    return operands[0] - sum(operands[1:], Fraction(0))


def _product(operands: tuple[Fraction, ...]) -> Fraction:
    product = Fraction(1)
    for operand in operands:
        product *= operand
    return product


def _quotient(operands: tuple[Fraction, ...]) -> Fraction:
    if 0 in operands[1:]:
        raise ToolError("division_by_zero", "operands: division by zero")
    return operands[0] / _product(operands[1:])


def _simple(operands: tuple[Fraction, ...]) -> Fraction:
    principal, rate, years = operands
    return principal * (1 + rate / 100 * years)


def _compound(operands: tuple[Fraction, ...]) -> Fraction:
    principal, rate, years, per_year = operands if len(operands) == 4 else (*operands, Fraction(1))
    periods = years * per_year
    if per_year < 1 or per_year.denominator != 1 or periods < 0 or periods.denominator != 1:
        raise ToolError("domain_error", "operands: compound interest needs a whole number of periods")
    if periods > MAX_PERIODS:
        raise ToolError("limit_exceeded", f"interest periods: the limit is {MAX_PERIODS:,}")
    factor = 1 + rate / 100 / per_year
    if periods * max(len(str(factor.numerator)), len(str(factor.denominator))) > MAX_POWER_DIGITS:
        raise ToolError("limit_exceeded", f"digits of the compound factor: the limit is {MAX_POWER_DIGITS:,}")
    return Fraction(principal * factor**periods.numerator)


_OPERATIONS: Mapping[Operation, _Operation] = {
    "add": _Operation(lambda operands: sum(operands, Fraction(0)), "a + b + …"),
    "subtract": _Operation(_difference, "a - b - …"),
    "multiply": _Operation(_product, "a * b * …"),
    "divide": _Operation(_quotient, "a / b / …"),
    "percentage": _Operation(lambda operands: operands[0] * operands[1] / 100, "amount * percent / 100", 2, 2),
    "simple_interest": _Operation(_simple, "principal * (1 + rate/100 * years)", 3, 3),
    "compound_interest": _Operation(_compound, "principal * (1 + rate/100/m)^(m * years), m = periods a year", 3, 4),
}
_NAMES: Mapping[Operation, Bilingual] = {
    "add": Bilingual(en="The sum", de="Die Summe"),
    "subtract": Bilingual(en="The difference", de="Die Differenz"),
    "multiply": Bilingual(en="The product", de="Das Produkt"),
    "divide": Bilingual(en="The quotient", de="Der Quotient"),
    "percentage": Bilingual(en="The percentage", de="Der Prozentwert"),
    "simple_interest": Bilingual(en="The final amount", de="Das Endkapital"),
    "compound_interest": Bilingual(en="The final amount", de="Das Endkapital"),
}


def _phrase(result: DecimalFinanceResult, style: AnswerStyle) -> str:
    german = style.language == "de"
    amount = _localised(result.amount, result.currency, german=german)
    note = (
        ""
        if result.is_exact
        else (
            f" ({'gerundet auf' if german else 'rounded to'} {result.scale} "
            f"{'Nachkommastellen' if german else 'decimal places'}, {result.rounding})"
        )
    )
    interest = ""
    if result.interest is not None:
        interest_text = _localised(result.interest, result.currency, german=german)
        interest = f", davon {interest_text} Zinsen" if german else f", {interest_text} of it interest"
    return f"{_NAMES[result.operation].text(style.language)} {'ist' if german else 'is'} {amount}{note}{interest}."


def _localised(number: str, currency: str | None, *, german: bool) -> str:
    text = number.replace(".", ",") if german else number
    return f"{text} {currency}" if currency else text


DECIMAL_FINANCE = Tool(
    name="decimal_finance",
    description=Bilingual(
        en="Money in exact decimals: sums, percentages, simple and compound interest, with a named rounding",
        de="Geld in exakten Dezimalzahlen: Summen, Prozente, einfache Zinsen und Zinseszins, mit benannter Rundung",
    ),
    keywords=Bilingual(
        en="money interest compound principal rate percent vat tax discount price total invoice rounding",
        de="geld zinsen zins zinseszins kapital zinssatz prozent mehrwertsteuer mwst rabatt preis summe rechnung",
    ),
    arguments=DecimalFinanceArguments,
    result=DecimalFinanceResult,
    run=decimal_finance,
    answer=_phrase,
    limits=(
        Limit(name="operands", value=MAX_OPERANDS, unit="operands"),
        Limit(name="operand_chars", value=MAX_AMOUNT_CHARS, unit="characters"),
        Limit(name="scale", value=MAX_SCALE, unit="decimal places"),
        Limit(name="interest_periods", value=MAX_PERIODS, unit="periods"),
        Limit(name="compound_digits", value=MAX_POWER_DIGITS, unit="digits"),
    ),
    example=Example(
        args={"operation": "compound_interest", "operands": ["1000.00", "5", "3"], "currency": "EUR"},
        result={
            "operation": "compound_interest",
            "operands": ["1000", "5", "3"],
            "currency": "EUR",
            "exact": "1157.625",
            "amount": "1157.63",
            "is_exact": False,
            "interest": "157.63",
            "scale": 2,
            "rounding": "ROUND_HALF_UP",
            "formula": "principal * (1 + rate/100/m)^(m * years), m = periods a year",
        },
        answer=(
            "The final amount is 1157.63 EUR (rounded to 2 decimal places, ROUND_HALF_UP), 157.63 EUR of it interest."
        ),
    ),
    error_example=ErrorExample(args={"operation": "divide", "operands": ["1", "0"]}, code="division_by_zero"),
)
