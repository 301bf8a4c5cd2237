"""Requests among other words: the values of the call, and what is no request."""

import pytest

from services.planner.recogniser import recognise


@pytest.mark.parametrize(
    ("question", "expression"),
    [
        ("what's the remainder when 1000 is divided by 37", "1000 mod 37"),
        ("rest bei 47 geteilt durch 5", "47 mod 5"),
        ("divide 1/2 by 3/4 for my homework", "(1 / 2) / (3 / 4)"),
        ("The fraction that I get when I subtract 2/7 from 5/6 - what is it?", "(5 / 6) - (2 / 7)"),
        ("zieh 17 von 90 ab", "90 - 17"),
        ("Die dritte Wurzel aus 2197, die hätte ich gern.", "2197^(1 / 3)"),
        ("a quarter of 3,640, my teacher asks", "3640 / 4"),
        ("Zwölf mal dreizehn ergibt?", "12 * 13"),
    ],
)
def test_an_operation_in_words_takes_its_operands_in_the_right_order(question: str, expression: str) -> None:
    found = recognise(question)
    assert found is not None
    assert found[0].tool == "calculate"
    assert found[0].arguments["expression"] == expression


@pytest.mark.parametrize(
    "question",
    ["sum of 1 to 100", "product of 1 to 5", "a quarter of 2025", "half of 5 people", "product of 1,2 and 3"],
)
def test_a_series_a_year_and_counted_things_are_no_operands(question: str) -> None:
    assert recognise(question) is None


def test_a_zone_named_twice_is_one_zone() -> None:
    found = recognise("A stream begins 2026-05-11 at 17:20 in Berlin (Europe/Berlin). When is that in Tokyo?")
    assert found is not None
    arguments = dict(found[0].arguments)
    assert (arguments["from_timezone"], arguments["to_timezone"]) == ("Europe/Berlin", "Asia/Tokyo")


def test_a_number_named_by_its_base_is_read_in_that_base() -> None:
    found = recognise("Die Oktalzahl 755, die ich da sehe, entspricht welcher Binärzahl?")
    assert found is not None
    assert found[0].arguments == {"value": "755", "from_base": 8, "to_base": 2}


@pytest.mark.parametrize(
    "question",
    [
        "If I xor 170 with 204, will my boss be happy?",
        "Which bank has the IBAN GB29NWBK60161331926819?",
        "Was sind unsere Ziele für das Quartal nach dem 20.05.2026?",
        "Was machen wir in KW 34 im Jahr 2026?",
        "What should a startup do in the 90 days after 2026-06-15?",
        "Name a flower with the colour #ff7f50.",
        "Implement popcount for 1023 in Go.",
        "How do engineers use det [[1, 2], [3, 5]]?",
        "is 172.16.5.4 my private server?",
        "how many feet are 180 cm shoes",
        "The debugger shows ff in hex and I'd like to see that as a decimal number, or octal.",
        "split 10.9.0.0/24 into office with 100 hosts and lab with 40 hosts",
    ],
)
def test_a_question_for_another_thing_is_no_request(question: str) -> None:
    assert recognise(question) is None
