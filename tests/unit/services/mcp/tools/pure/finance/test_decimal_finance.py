"""`decimal_finance` against the standard library's `decimal` at a precision that loses nothing."""

import decimal
import random
from decimal import Decimal
from fractions import Fraction

import pytest
from pydantic import JsonValue

from libs.testing.every import for_every
from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness

SEED = 20_260_301
WIDE = decimal.Context(prec=4_000)
ROUNDINGS = (
    decimal.ROUND_CEILING,
    decimal.ROUND_DOWN,
    decimal.ROUND_FLOOR,
    decimal.ROUND_HALF_DOWN,
    decimal.ROUND_HALF_EVEN,
    decimal.ROUND_HALF_UP,
    decimal.ROUND_UP,
)


def amount(source: random.Random) -> str:
    digits, places = source.randrange(10 ** source.randint(1, 9)), source.choice((0, 1, 2, 2, 3, 5))
    return f"{source.choice(('', '', '-'))}{Decimal(digits).scaleb(-places):f}"


def finance(operation: str, operands: list[str], **more: JsonValue) -> dict[str, JsonValue]:
    args: dict[str, JsonValue] = {"operation": operation, "operands": list[JsonValue](operands)}
    return invoke("decimal_finance", args | more).result


def code(args: dict[str, JsonValue]) -> str:
    with pytest.raises(ToolError) as caught:
        invoke("decimal_finance", args)
    return caught.value.code


def rounded(value: Decimal, scale: int, rounding: str) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-scale), rounding=rounding, context=WIDE)


def test_sums_differences_products_and_percentages_are_those_of_decimal(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("decimal_finance", 1_500):
        texts = [amount(source) for _ in range(source.randint(2, 5))]
        first, *others = (Decimal(text) for text in texts)
        scale, rounding = source.randint(0, 12), source.choice(ROUNDINGS)
        truth = {"add": first, "subtract": first, "multiply": first}
        for other in others:
            truth["add"] = WIDE.add(truth["add"], other)
            truth["subtract"] = WIDE.subtract(truth["subtract"], other)
            truth["multiply"] = WIDE.multiply(truth["multiply"], other)
        for operation, value in truth.items():
            result = finance(operation, texts, scale=scale, rounding=rounding)
            assert Decimal(str(result["amount"])) == rounded(value, scale, rounding)
            assert Fraction(str(result["exact"])) == Fraction(value)
        share = finance("percentage", texts[:2], scale=scale, rounding=rounding)
        assert Decimal(str(share["amount"])) == rounded(WIDE.multiply(first, others[0]).scaleb(-2), scale, rounding)


def test_quotients_are_rounded_once_in_all_seven_ways(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("decimal_finance", 1_500):
        texts = [amount(source), amount(source)]
        above, below = (Decimal(text) for text in texts)
        if not below:
            assert code({"operation": "divide", "operands": list[JsonValue](texts)}) == "division_by_zero"
            continue
        scale, rounding = source.randint(0, 12), source.choice(ROUNDINGS)
        result = finance("divide", texts, scale=scale, rounding=rounding)
        assert Decimal(str(result["amount"])) == rounded(WIDE.divide(above, below), scale, rounding)
        assert Fraction(str(result["exact"])) == Fraction(above) / Fraction(below)


@for_every(
    rounding=ROUNDINGS, text=["2.5", "3.5", "-2.5", "-3.5", "2.4999999999", "2.5000000001", "-0.4", "0.5", "-0.5"]
)
def test_halves_and_their_neighbours_go_where_decimal_sends_them(rounding: str, text: str) -> None:
    result = finance("add", [text, "0"], scale=0, rounding=rounding)
    assert Decimal(str(result["amount"])) == Decimal(text).quantize(Decimal(1), rounding=rounding)


MARKS = (
    (",", "."),
    (".", ","),
    ("'", "."),
    ("\u2019", "."),
    ("\u00a0", ","),
    ("\u202f", ","),
    ("_", "."),
)  # of thousands, and of the fraction


def test_amounts_are_read_in_every_way_of_writing_that_has_one_reading(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("decimal_finance", 1_000):
        thousands, mark = source.choice(MARKS)
        amounts = [Decimal(source.randrange(-(10 ** source.randint(2, 12)), 10**12)).scaleb(-2) for _ in range(4)]
        texts = [f"{one:,.2f}".translate({ord(","): thousands, ord("."): mark}) for one in amounts]
        try:
            result = finance("add", texts, scale=2)
        except ToolError:
            exact.refuse("decimal_finance")
            continue
        assert Decimal(str(result["amount"])) == sum(amounts), texts
        assert result["operands"] == [f"{one.normalize():f}" for one in amounts]


def test_interest_is_that_of_the_formula_in_fractions(exact: Exactness) -> None:
    source = random.Random(SEED)
    for _ in exact.cases("decimal_finance", 500):
        principal, rate = f"{source.randrange(1, 10**8) / 100:.2f}", f"{source.randrange(-500, 2_000) / 100:.2f}"
        per_year = source.choice((1, 2, 4, 12))
        years = Fraction(source.randint(0, 60), source.choice((1, 2, 4)) if per_year in (4, 12) else 1)
        written = f"{float(years):.2f}"
        p, r = Fraction(principal), Fraction(rate) / 100
        simple = finance("simple_interest", [principal, rate, written])
        assert Fraction(str(simple["exact"])) == p + p * r * years
        compound = finance("compound_interest", [principal, rate, written, str(per_year)])
        total = p
        for _ in range(int(years * per_year)):
            total += total * r / per_year
        if compound["exact"] is not None:
            assert Fraction(str(compound["exact"])) == total
        assert abs(Fraction(str(compound["amount"])) - total) * 200 <= 1
        assert abs(Fraction(str(compound["interest"])) - (total - p)) * 200 <= 1


def test_a_third_is_rounded_and_says_so() -> None:
    result = finance("divide", ["10", "3"])
    assert (result["amount"], result["exact"], result["is_exact"]) == ("3.33", "10/3", False)


def test_the_tax_on_an_odd_price_is_exact() -> None:
    german = AnswerStyle(language="de")
    args: dict[str, JsonValue] = {
        "operation": "percentage",
        "operands": ["119,99", "15"],
        "currency": "eur",
        "scale": 4,
    }
    assert invoke("decimal_finance", args, german).answer == "Der Prozentwert ist 17,9985 EUR."


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"operation": "add", "operands": ["1", 2.5]}, "invalid_argument"),
        ({"operation": "add", "operands": ["1", 2]}, "invalid_argument"),
        ({"operation": "add", "operands": ["1"]}, "invalid_argument"),
        ({"operation": "add", "operands": ["1"] * 101}, "limit_exceeded"),
        ({"operation": "add", "operands": ["1", "1,234"]}, "ambiguous"),
        ({"operation": "add", "operands": ["1.5", "1,5"]}, "ambiguous"),
        ({"operation": "add", "operands": ["1", "€ 5"]}, "invalid_argument"),
        ({"operation": "add", "operands": ["1", "1e5"]}, "invalid_argument"),
        ({"operation": "add", "operands": ["1", "NaN"]}, "invalid_argument"),
        ({"operation": "add", "operands": ["1", "9" * 61]}, "limit_exceeded"),
        ({"operation": "add", "operands": ["1", "2"], "scale": 13}, "invalid_argument"),
        ({"operation": "add", "operands": ["1", "2"], "rounding": "ROUND_05UP"}, "invalid_argument"),
        ({"operation": "add", "operands": ["1", "2"], "currency": "EURO"}, "limit_exceeded"),
        ({"operation": "percentage", "operands": ["1", "2", "3"]}, "invalid_argument"),
        ({"operation": "simple_interest", "operands": ["1", "2"]}, "invalid_argument"),
        ({"operation": "compound_interest", "operands": ["1", "2", "1.5"]}, "domain_error"),
        ({"operation": "compound_interest", "operands": ["1", "2", "-1"]}, "domain_error"),
        ({"operation": "compound_interest", "operands": ["1", "2", "1201"]}, "limit_exceeded"),
        ({"operation": "compound_interest", "operands": ["1", "0." + "1" * 57, "1200"]}, "limit_exceeded"),
        ({"operation": "divide", "operands": ["1", "2", "0"]}, "division_by_zero"),
    ],
)
def test_what_is_not_exact_or_too_much_is_refused(args: dict[str, JsonValue], expected: str) -> None:
    assert code(args) == expected
