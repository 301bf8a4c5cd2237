"""Formulas in lower case: read only where one reading is left."""

import pytest

from services.planner.recogniser.chemistry import in_capitals


@pytest.mark.parametrize(
    ("text", "formula"), [("h2so4", "H2SO4"), ("h2o", "H2O"), ("h2o2", "H2O2"), ("al2o3", "Al2O3")]
)
def test_the_only_reading_is_the_formula(text: str, formula: str) -> None:
    assert in_capitals(text) == formula


@pytest.mark.parametrize("text", ["co2", "caco3", "water", "nacl", "q2", "x" * 60 + "2", "cs" * 30 + "2"])
def test_words_and_formulas_of_two_readings_have_none(text: str) -> None:
    assert in_capitals(text) is None
