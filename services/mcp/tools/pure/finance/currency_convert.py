"""`currency_convert`: an amount in another currency, by the rate table that the caller supplies."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Annotated

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolError, ToolModel
from services.mcp.tools.pure.arithmetic.rounding import decimal_text, rounded
from services.mcp.tools.pure.calculate.rendering import exact_text
from services.mcp.tools.pure.finance.amounts import MAX_AMOUNT_CHARS, Amount, CurrencyCode, read_amounts

MAX_RATES = 400
RATE_SCALE = 12
RULE = "amount / rate[from] * rate[to], rounded once: halves away from zero, to the minor unit of the target currency"
MINOR_UNITS_TABLE = "ISO 4217, list one of 2024-06-25"
_NO_MINOR_UNIT = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_PLACES = "BHD IQD JOD KWD LYD OMR TND"
_MINOR_UNITS: Mapping[str, int] = {
    **dict.fromkeys(_NO_MINOR_UNIT.split(), 0),
    **dict.fromkeys(_THREE_PLACES.split(), 3),
    "CLF": 4,
    "UYW": 4,
}


class RateTable(ToolModel):
    """How much of each currency one unit of `base` buys, as the source of `date` says."""

    base: CurrencyCode
    date: str = Field(max_length=10, pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="YYYY-MM-DD")
    rates: dict[CurrencyCode, Amount] = Field(min_length=1, max_length=MAX_RATES)


class CurrencyConvertArguments(ToolModel):
    """Amount and rates are strings: binary fractions would not be exact."""

    amount: Amount
    from_currency: CurrencyCode
    to_currency: CurrencyCode
    rates: Annotated[RateTable, Field(description='{"base": "EUR", "date": "2026-01-15", "rates": {"USD": "1.0923"}}')]


class CurrencyConvertResult(ToolModel):
    """The amount in both currencies and the rates that led there."""

    amount: str
    from_currency: str
    converted: str
    to_currency: str
    exact: str | None
    is_exact: bool
    rate: str = Field(description=f"Units of to_currency for one of from_currency, at most {RATE_SCALE} decimal places")
    base: str
    date: str
    minor_units: int
    minor_units_table: str = MINOR_UNITS_TABLE
    rule: str = RULE


def currency_convert(arguments: CurrencyConvertArguments) -> CurrencyConvertResult:
    """Raises ToolError: invalid_argument for a currency outside the table."""
    table = arguments.rates
    source, target = arguments.from_currency.upper(), arguments.to_currency.upper()
    day = _day(table.date)
    rates = _rates(table)
    rate = _rate_of(rates, target) / _rate_of(rates, source)
    (amount,) = read_amounts([arguments.amount], "amount")
    value, places = amount * rate, _MINOR_UNITS.get(target, 2)
    converted = rounded(value, places, "ROUND_HALF_UP")
    return CurrencyConvertResult(
        amount=exact_text(amount).text or arguments.amount,
        from_currency=source,
        converted=decimal_text(converted),
        to_currency=target,
        exact=exact_text(value).text,
        is_exact=Fraction(converted) == value,
        rate=decimal_text(rounded(rate, RATE_SCALE, "ROUND_HALF_EVEN").normalize()),
        base=table.base.upper(),
        date=day,
        minor_units=places,
    )


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ToolError("invalid_argument", "rates.date: a date as YYYY-MM-DD is expected") from error


def _rates(table: RateTable) -> Mapping[str, Fraction]:
    codes = [code.upper() for code in table.rates]
    rates = dict(zip(codes, read_amounts(list(table.rates.values()), "rates"), strict=True))
    if len(rates) < len(codes):
        raise ToolError("invalid_argument", "rates: a currency is named twice")
    if rates.setdefault(table.base.upper(), Fraction(1)) != 1:
        raise ToolError("invalid_argument", "rates: the rate of the base itself must be 1")
    if min(rates.values()) <= 0:
        raise ToolError("domain_error", "rates: every rate must be above zero")
    return rates


def _rate_of(rates: Mapping[str, Fraction], currency: str) -> Fraction:
    if currency not in rates:
        raise ToolError("invalid_argument", f"rates: there is no rate for {currency}")
    return rates[currency]


def _phrase(result: CurrencyConvertResult, style: AnswerStyle) -> str:
    sign = "=" if result.is_exact else "≈"
    if style.language == "de":
        amount, converted, rate = (text.replace(".", ",") for text in (result.amount, result.converted, result.rate))
        rate_text = f"Kurs {rate}, Stand {'.'.join(reversed(result.date.split('-')))}"
        return f"{amount} {result.from_currency} {sign} {converted} {result.to_currency} ({rate_text})."
    rate_text = f"rate {result.rate} of {result.date}"
    return f"{result.amount} {result.from_currency} {sign} {result.converted} {result.to_currency} ({rate_text})."


CURRENCY_CONVERT = Tool(
    name="currency_convert",
    description=Bilingual(
        en="Convert an amount between currencies by a supplied rate table, exactly and rounded to the minor unit",
        de="Beträge zwischen Währungen umrechnen, mit gegebener Kurstabelle, exakt und auf Untereinheiten gerundet",
    ),
    keywords=Bilingual(
        en="currency exchange rate convert euro dollar pound yen franc money foreign",
        de="währung wechselkurs umrechnen kurs euro dollar pfund yen franken devisen",
    ),
    arguments=CurrencyConvertArguments,
    result=CurrencyConvertResult,
    run=currency_convert,
    answer=_phrase,
    limits=(
        Limit(name="amount_chars", value=MAX_AMOUNT_CHARS, unit="characters"),
        Limit(name="currency_chars", value=3, unit="characters"),
        Limit(name="rates", value=MAX_RATES, unit="rates"),
    ),
    example=Example(
        args={
            "amount": "100.00",
            "from_currency": "USD",
            "to_currency": "EUR",
            "rates": {"base": "EUR", "date": "2026-01-15", "rates": {"USD": "1.0923"}},
        },
        result={
            "amount": "100",
            "from_currency": "USD",
            "converted": "91.55",
            "to_currency": "EUR",
            "exact": "1000000/10923",
            "is_exact": False,
            "rate": "0.915499404925",
            "base": "EUR",
            "date": "2026-01-15",
            "minor_units": 2,
            "minor_units_table": MINOR_UNITS_TABLE,
            "rule": RULE,
        },
        answer="100 USD ≈ 91.55 EUR (rate 0.915499404925 of 2026-01-15).",
    ),
    error_example=ErrorExample(
        args={
            "amount": "100.00",
            "from_currency": "USD",
            "to_currency": "GBP",
            "rates": {"base": "EUR", "date": "2026-01-15", "rates": {"USD": "1.0923"}},
        },
        code="invalid_argument",
    ),
)
