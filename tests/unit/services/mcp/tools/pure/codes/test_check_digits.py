"""`isbn_check`, `ean_check` and `luhn_check` against python-stdnum, thousands of numbers each."""

import random

import pytest
from stdnum import ean, isbn, luhn

from services.mcp.contract import AnswerStyle, ToolError
from services.mcp.tools.pure.codes.ean_check import EanCheckArguments, EanCheckResult, ean_check
from services.mcp.tools.pure.codes.isbn_check import IsbnCheckArguments, IsbnCheckResult, isbn_check
from services.mcp.tools.pure.codes.luhn_check import LuhnCheckArguments, LuhnCheckResult, luhn_check
from services.mcp.tools.pure.registry import invoke
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.written_codes import DIGITS, some_digits, spoiled, written


def of_isbn(text: str) -> IsbnCheckResult:
    return isbn_check(IsbnCheckArguments(isbn=text))


def of_ean(text: str) -> EanCheckResult:
    return ean_check(EanCheckArguments(ean=text))


def of_luhn(text: str) -> LuhnCheckResult:
    return luhn_check(LuhnCheckArguments(number=text))


def test_thousands_of_isbns_are_judged_and_converted_as_by_stdnum(exact: Exactness) -> None:
    chance = random.Random(10)
    valid, turns = 0, exact.cases("isbn_check", 3_000)
    for _ in turns:
        code = some_isbn(chance)
        found = of_isbn(written(chance, code, "ISBN ", "ISBN: ", "ISBN"))
        assert (found.isbn, found.valid) == (code, isbn.is_valid(code))
        if found.valid:
            valid += 1
            assert found.isbn13 == isbn.to_isbn13(code)
            assert found.isbn10 == (isbn.to_isbn10(code) if found.isbn13.startswith("978") else None)
    assert valid > len(turns) // 3


def some_isbn(chance: random.Random) -> str:
    """ISBN of either form, right or spoiled; some begin with 979, many as `ISBN-10` and `ISBN-13` end."""
    payload = chance.choice(("", "10", "13")) + some_digits(chance, 9)
    payload = payload[:9]
    ten = next(payload + last for last in DIGITS + "X" if isbn.is_valid(payload + last))
    newer = f"979{chance.choice(DIGITS)}{payload[1:]}"
    code = spoiled(chance, chance.choice((ten, isbn.to_isbn13(ten), newer + ean.calc_check_digit(newer))))
    music = code.startswith("9790")  # to stdnum an ISBN, see below
    return some_isbn(chance) if music or "X" in code[:-1] else code


def test_an_isbn_that_begins_with_979_has_no_form_of_ten() -> None:
    found = of_isbn("979-10-90636-07-1")
    assert (found.valid, found.isbn10) == (True, None)
    assert "there is no ISBN-10" in invoke("isbn_check", {"isbn": "9791090636071"}).answer


@pytest.mark.parametrize("text", ["4006381333931", "9790060115615"])
def test_an_article_number_of_something_else_is_no_isbn(text: str) -> None:
    found = of_isbn(text)
    assert (found.valid, found.problem, found.isbn13) == (False, "prefix", None)


@pytest.mark.parametrize("text", ["316148410", "3161484X01", "97831614841000", "X161484100"])
def test_what_has_no_form_of_an_isbn_is_refused(text: str) -> None:
    with pytest.raises(ToolError) as caught:
        of_isbn(text)
    assert caught.value.code == "invalid_argument"


def test_thousands_of_article_numbers_are_judged_as_by_stdnum(exact: Exactness) -> None:
    chance = random.Random(13)
    kinds = {8: "EAN-8", 12: "UPC-A", 13: "EAN-13", 14: "GTIN-14"}
    valid, turns = 0, exact.cases("ean_check", 4_000)
    for _ in turns:
        payload = chance.choice(("", "8", "12", "13")) + some_digits(chance, 13)
        payload = payload[: chance.choice([7, 11, 12, 13])]
        code = spoiled(chance, payload + ean.calc_check_digit(payload))
        found = of_ean(written(chance, code, "EAN ", "EAN: ", "GTIN ", "GTIN", "UPC-A "))
        assert (found.code, found.valid) == (code, ean.is_valid(code))
        assert found.kind == kinds[len(code)]
        assert str(found.expected_check_digit) == ean.calc_check_digit(code[:-1])
        valid += found.valid
        assert all(form is None or ean.is_valid(form) for form in (found.ean13, found.upc_a, found.upc_e_reading))
    assert valid > len(turns) // 3


@pytest.mark.parametrize(
    ("code", "use"),
    [
        ("4006381333931", "article"),
        ("9783161484100", "book"),
        ("9790060115615", "music"),
        ("9770317847001", "serial"),
        ("2012345678903", "restricted"),
    ],
)
def test_prefixes_that_gs1_keeps_for_a_use_are_named(code: str, use: str) -> None:
    found = of_ean(code)
    assert found.valid
    assert found.use == use


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("0425261", "04210000526"),
        ("1123452", "11220000345"),
        ("0123413", "01230000041"),
        ("0123454", "01234000005"),
        ("0123456", "01234500006"),
        ("0123459", "01234500009"),
    ],
)
def test_eight_digits_may_be_a_short_upc(short: str, long: str) -> None:
    check_digit = ean.calc_check_digit(long)
    assert of_ean(short + check_digit).upc_e_reading == long + check_digit
    assert of_ean(short + str(9 - int(check_digit))).upc_e_reading is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("EAN 8001234567897", "8001234567897"),
        ("EAN: 8-001234-567897", "8001234567897"),
        ("EAN 1312345678905", "1312345678905"),
        ("EAN-13: 4006381333931", "4006381333931"),
        ("EAN 13 4006381333931", "4006381333931"),
        ("EAN-8 96385074", "96385074"),
        ("GTIN 12345678901231", "12345678901231"),
        ("GTIN-14 12345678901231", "12345678901231"),
        ("UPC-A 036000291452", "036000291452"),
    ],
)
def test_a_number_behind_the_name_is_a_part_of_the_code_if_it_may_be(text: str, code: str) -> None:
    found = of_ean(text)
    assert (found.code, found.valid) == (code, True)


@pytest.mark.parametrize("text", ["EAN 8 001234 567897", "GTIN-12 036000291452", "EAN-13 036000291452"])
def test_a_number_that_may_be_of_the_name_or_of_the_code_is_refused(text: str) -> None:
    with pytest.raises(ToolError) as caught:
        of_ean(text)
    assert caught.value.code == "ambiguous"


@pytest.mark.parametrize("text", ["ISBN 1305585127", "ISBN-10: 1-305-58512-7", "ISBN-13 978-1-305-58512-6"])
def test_an_isbn_may_begin_as_its_name_ends(text: str) -> None:
    assert of_isbn(text).isbn10 == "1305585127"


def test_an_upc_is_an_ean_with_a_zero_in_front() -> None:
    found = of_ean("036000291452")
    assert (found.kind, found.ean13, found.upc_a) == ("UPC-A", "0036000291452", "036000291452")
    assert of_ean("0036000291452").upc_a == "036000291452"
    assert of_ean("4006381333931").upc_a is None


def test_thousands_of_numbers_are_judged_as_by_the_luhn_of_stdnum(exact: Exactness) -> None:
    chance = random.Random(11)
    valid, turns = 0, exact.cases("luhn_check", 4_000)
    for _ in turns:
        payload = some_digits(chance, chance.choice((chance.randint(1, 40), 15)))
        code = spoiled(chance, payload + luhn.calc_check_digit(payload))
        found = of_luhn(written(chance, code))
        assert found.valid == luhn.is_valid(code), code
        assert str(found.expected_check_digit) == luhn.calc_check_digit(code[:-1])
        assert str(found.digit_to_append) == luhn.calc_check_digit(code)
        valid += found.valid
    assert valid > len(turns) // 3


def test_a_number_is_never_told_whole() -> None:
    number = "4539 1488 0343 6467"
    for text in (number, number[:-1] + "6", number.replace(" ", "")):
        for language in ("en", "de"):
            told = invoke("luhn_check", {"number": text}, AnswerStyle(language=language))
            whole = f"{told.answer} {told.result}"
            assert "453914880343" not in whole.replace(" ", "")
            assert "0343" not in whole
    assert of_luhn("79927398713").masked == "**********3"


@pytest.mark.parametrize("text", ["4539 1488 0343 646X", "card 4539148803436467", "4", "4539_1488_0343_6467"])
def test_a_refused_number_is_not_repeated_either(text: str) -> None:
    with pytest.raises(ToolError) as caught:
        of_luhn(text)
    assert caught.value.code == "invalid_argument"
    assert "4539" not in str(caught.value)
