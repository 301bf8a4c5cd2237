"""`currency_convert` against fractions, with the table in the result."""

import random
from fractions import Fraction

import pytest
from pydantic import JsonValue

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness

SEED = 20_260_302
PLACES = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3, "CLF": 4, "GBP": 2}


def table(**rates: str) -> dict[str, JsonValue]:
    return {"base": "EUR", "date": "2026-01-15", "rates": dict[str, JsonValue](rates)}


def convert(amount: str, source: str, target: str, rates: dict[str, JsonValue]) -> dict[str, JsonValue]:
    args: dict[str, JsonValue] = {"amount": amount, "from_currency": source, "to_currency": target, "rates": rates}
    return invoke("currency_convert", args).result


def code(amount: str, source: str, target: str, rates: dict[str, JsonValue]) -> str:
    with pytest.raises(ToolError) as caught:
        convert(amount, source, target, rates)
    return caught.value.code


def test_amounts_are_exact_fractions_rounded_once_to_the_minor_unit(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("currency_convert", 2_500):
        rates = {name: f"{source.randrange(1, 10**7) / 10**4:.4f}" for name in PLACES if name != "EUR"}
        first, second = source.choice(list(PLACES)), source.choice(list(PLACES))
        amount = f"{source.randrange(-(10**9), 10**9) / 100:.2f}"
        result = convert(amount, first, second, table(**rates))
        known = {"EUR": Fraction(1)} | {name: Fraction(rate) for name, rate in rates.items()}
        truth = Fraction(amount) * known[second] / known[first]
        assert Fraction(str(result["exact"])) == truth
        places = PLACES[second]
        scaled = abs(truth) * 10**places + Fraction(1, 2)
        expected = (scaled.numerator // scaled.denominator) * (-1 if truth < 0 else 1)
        assert Fraction(str(result["converted"])) == Fraction(expected, 10**places)
        assert result["is_exact"] == (Fraction(str(result["converted"])) == truth)


def test_the_table_is_named_in_the_result() -> None:
    result = convert("1", "EUR", "USD", table(USD="1.1"))
    assert (result["base"], result["date"], result["rate"]) == ("EUR", "2026-01-15", "1.1")
    assert "ISO 4217" in str(result["minor_units_table"])


def test_codes_are_read_in_either_case_and_answers_follow_the_language() -> None:
    args: dict[str, JsonValue] = {
        "amount": "10,50",
        "from_currency": "eur",
        "to_currency": "usd",
        "rates": table(usd="1.1"),
    }
    answer = invoke("currency_convert", args, AnswerStyle(language="de")).answer
    assert answer == "10,5 EUR = 11,55 USD (Kurs 1,1, Stand 15.01.2026)."


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        (table(GBP="0.8"), "invalid_argument"),
        (table(USD="0"), "domain_error"),
        (table(USD="-1"), "domain_error"),
        (table(USD="1", usd="1"), "invalid_argument"),
        (table(USD="1", EUR="1.1"), "invalid_argument"),
        (table(USD="one"), "invalid_argument"),
        (table(USD="1,234"), "ambiguous"),
        (table(), "invalid_argument"),
        ({**table(USD="1"), "date": "2026-02-30"}, "invalid_argument"),
        ({**table(USD="1"), "date": "15.01.2026"}, "invalid_argument"),
        ({**table(USD="1"), "date": "2026-W03-4"}, "invalid_argument"),
        ({**table(USD="1"), "date": "20260115xx"}, "invalid_argument"),
        ({**table(USD="1"), "rates": {"USD": 1.1}}, "invalid_argument"),
        ({**table(USD="1"), "rates": {"DOLLAR": "1"}}, "limit_exceeded"),
    ],
)
def test_a_table_that_does_not_do_is_refused(rates: dict[str, JsonValue], expected: str) -> None:
    assert code("1", "EUR", "USD", rates) == expected
