"""A word that qualifies an operation is read, or there is no call."""

import pytest
from pydantic import JsonValue

from services.planner.recogniser import recognise


@pytest.mark.parametrize(
    ("question", "argument", "value"),
    [
        ("regression through the origin for x = 1, 2, 3 and y = 2, 4, 7", "intercept", False),
        ("Regression durch den Ursprung: x = 1; 2; 3, y = 2; 4; 7", "intercept", False),
        ("regression without intercept: x 1, 2, 3 y 2, 4, 7", "intercept", False),
        ("limit 1/x as x goes to 0 from the left", "side", "left"),
        ("regression line y = bx for x = 1, 2, 3, y = 2, 4, 7", "intercept", False),
        ("Regressionsgerade, die durch den Koordinatenursprung geht: x = 1; 2; 3, y = 2; 4; 7", "intercept", False),
        ("limit 1/x, x→0⁺", "side", "right"),
        ("Grenzwert von 1/x, x nähert sich 0 von links", "side", "left"),
        ("linksseitiger Limes von 1/x, x gegen 0", "side", "left"),
        ("Grenzwert von 1/x für x von rechts gegen 0", "side", "right"),
        ("25. Perzentil nach Weibull von 1, 2, 3, 4, 5", "method", "weibull"),
        ("Wald confidence interval, 12 successes out of 40", "method", "wald"),
        ("linksseitiger Binomialtest 12 von 40, p = 0,3", "alternative", "less"),
        ("Welch-Test zum Niveau 1 %: 1, 2, 3 gegen 2, 4, 7", "alpha", 0.01),
        ("fifth derivative of x^6", "order", 5),
        ("confidence interval for the variance of 1, 2, 3, 4", "kind", "variance"),
        ("regression with y = 2, 4, 9 and x = 1, 2, 3", "y", "2, 4, 9"),
        ("Regression von 2, 4, 9 auf 1, 2, 3", "y", "2, 4, 9"),
        ("linear fit of x: 1, 2, 3 and y: 2, 4, 9, predict 55", "predict_at", 55),
    ],
)
def test_a_qualifier_becomes_an_argument(question: str, argument: str, value: JsonValue) -> None:
    found = recognise(question)
    assert found is not None
    assert found[0].arguments[argument] == value


@pytest.mark.parametrize(
    "question",
    [
        "weighted mean of 1, 2, 3",
        "interquartile range of 4, 8, 15, 16",
        "mean of the squares of 1, 2, 3",
        "the three largest of 1, 2, 3, 4, 5: mean",
        "logistic regression of 1, 2, 3 and 0, 0, 1",
        "one-sided limit of 1/x as x approaches 0",
        "one-sided Welch test of 1, 2, 3 against 2, 4, 7",
        "bootstrap confidence interval of 1, 2, 3, 4",
        "positive solutions of x^2 = 4",
        "sum of the roots of x^2 - 5x + 6 = 0",
        "Hadamard product of [[1,2],[3,4]] and [[1,2],[3,4]]",
        "lim x->0+ 1/x",
        "limit of 1/x as x goes to 0 (left)",
        "left and right limits of 1/x as x goes to 0",
        "Grenzwert von 1/x für x gegen -0",
        "regression anchored at the origin, (1,2), (2,4), (3,7)",
        "regression line y = cx for x = 1, 2, 3, y = 2, 4, 7",
        "25th percentile by the foo method of 1, 2, 3",
        "Welch test, is A higher than B: A 3, 5, 4, B 1, 2, 2",
        "Fit 3, 4, 5 and 6, 7, 8 in a box",
    ],
)
def test_a_qualifier_that_no_argument_takes_leaves_the_question_to_the_model(question: str) -> None:
    assert recognise(question) is None
