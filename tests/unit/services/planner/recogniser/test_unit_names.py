"""The units that the recogniser reads are those of the tool that converts them."""

import pytest
from pydantic import JsonValue

from services.mcp.tools.pure.units.convert import ConvertArguments, unit_convert
from services.planner.recogniser import ToolCall, recognise
from services.planner.recogniser.unit_names import names_read, unit_of

# The tool's names for units that the recogniser names in one word.
KINDS = {
    "area": "length^2",
    "volume": "length^3",
    "speed": "length / time",
    "energy": "length^2 mass / time^2",
    "power": "length^2 mass / time^3",
    "pressure": "mass / (length time^2)",
    "frequency": "1 / time",
}


def test_every_name_converts_to_the_unit_that_the_recogniser_passes_on() -> None:
    assert len(names_read()) > 1_000
    wrong = []
    for name in names_read():
        unit, kind = unit_of(name) or ("", "")
        target = "avoirdupois_ounce" if unit == "oz" else unit  # an ounce alone may be one of a liquid
        result = unit_convert(ConvertArguments(value="1", from_unit=name, to_unit=target))
        if result.value.exact != "1" and result.value.rounded != "1":
            wrong.append(name)
        assert result.dimension == KINDS.get(kind, kind), name
    assert wrong == []


@pytest.mark.parametrize(
    ("question", "value", "source", "target"),
    [
        ("convert 5 sidereal days to hours", 5, "sidereal_day", "h"),
        ("How many furlongs are 3 miles?", 3, "mi", "furlong"),
        ("convert 2 perches to fathoms", 2, "rod", "fathom"),
        ("12 stone in kg", 12, "stone", "kg"),
        ("Wie viele Lichtjahre sind 2 Parsec?", 2, "parsec", "light_year"),
        ("3 troy ounces in grams", 3, "troy_ounce", "g"),
    ],
)
def test_a_question_for_a_unit_of_the_table_becomes_a_call(question: str, value: int, source: str, target: str) -> None:
    arguments: dict[str, JsonValue] = {"value": value, "from_unit": source, "to_unit": target}
    assert recognise(question) == (ToolCall("unit_convert", arguments),)


@pytest.mark.parametrize("name", ["tons", "barrel", "month", "pfund", "dozen", "decibel", "statcoulomb", "bushels"])
def test_what_the_tool_would_refuse_is_no_unit(name: str) -> None:
    assert unit_of(name) is None
