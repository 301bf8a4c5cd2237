"""`linear_regression`: exact normal equations, against scipy and by their own definition."""

import random
from fractions import Fraction

import pytest
from pydantic import JsonValue

from services.mcp.contract import ToolError
from services.mcp.tools.pure.statistics.regression.models import RegressionArguments, RegressionResult
from services.mcp.tools.pure.statistics.regression.tool import linear_regression
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.oracles import stats


def fit(**arguments: JsonValue) -> RegressionResult:
    return linear_regression(RegressionArguments.model_validate(arguments))


def written(values: list[Fraction]) -> str:
    return " ".join(str(float(value)) for value in values)


def test_straight_lines_agree_with_scipy(exact: Exactness) -> None:
    source = random.Random(41)
    for _ in exact.cases("linear_regression", 700):
        size = source.randint(3, 20)
        x = [source.randint(-99, 99) / 8 for _ in range(size)] + [100.0]
        y = [source.randint(-99, 99) / 8 for _ in x]
        expected = stats().linregress(x, y)
        result = fit(x=" ".join(map(str, x)), y=" ".join(map(str, y)))
        intercept, slope = result.coefficients
        assert slope.standard_error is not None
        assert slope.p_value is not None
        assert float(intercept.estimate.rounded) == pytest.approx(float(expected.intercept), rel=1e-8, abs=1e-9)
        assert float(slope.estimate.rounded) == pytest.approx(float(expected.slope), rel=1e-8, abs=1e-10)
        assert float(slope.standard_error.rounded) == pytest.approx(float(expected.stderr), rel=1e-8)
        assert float(slope.p_value.rounded) == pytest.approx(float(expected.pvalue), rel=1e-7)


@pytest.mark.parametrize("intercept", [True, False])
def test_planes_agree_with_numpy(intercept: bool, exact: Exactness) -> None:
    numpy = pytest.importorskip("numpy")
    source = random.Random(44)
    for _ in exact.cases("linear_regression", 300):
        size, predictors = source.randint(6, 15), source.randint(2, 3)
        columns = [[source.randint(-40, 40) / 4 for _ in range(size)] for _ in range(predictors)]
        y = [source.randint(-99, 99) / 8 for _ in range(size)]
        matrix = numpy.column_stack([*([[1.0] * size] if intercept else []), *columns])
        estimates = numpy.linalg.lstsq(matrix, y, rcond=None)[0]
        df = size - len(estimates)
        variance = float(((y - matrix @ estimates) ** 2).sum()) / df
        errors = numpy.sqrt(numpy.diag(numpy.linalg.inv(matrix.T @ matrix)) * variance)
        first, *others = (" ".join(map(str, column)) for column in columns)
        result = fit(x=first, more_x=list(others), y=" ".join(map(str, y)), intercept=intercept)
        for found, estimate, error in zip(result.coefficients, estimates, errors, strict=True):
            assert float(found.estimate.rounded) == pytest.approx(float(estimate), rel=1e-7, abs=1e-9)
            assert found.standard_error is not None
            assert float(found.standard_error.rounded) == pytest.approx(float(error), rel=1e-7)
            assert found.p_value is not None
            p_value = 2 * float(stats().t.sf(abs(estimate / error), df))
            assert float(found.p_value.rounded) == pytest.approx(p_value, rel=1e-6)


@pytest.mark.parametrize("degree", [1, 2, 3, 5])
def test_residuals_are_orthogonal_to_every_term(degree: int, exact: Exactness) -> None:
    """This is what least squares means; with exact coefficients it holds exactly."""
    source = random.Random(42 + degree)
    for _ in exact.cases("linear_regression", 400):
        x = [Fraction(value, 4) for value in source.sample(range(-30, 30), degree + 4)]
        y = [Fraction(source.randint(-50, 50), 2) for _ in x]
        result = fit(x=written(x), y=written(y), degree=degree)
        found = [Fraction(c.estimate.exact) for c in result.coefficients if c.estimate.exact is not None]
        if len(found) <= degree:
            continue  # a fraction of more than 120 characters is not written
        residuals = [b - sum(c * a**k for k, c in enumerate(found)) for a, b in zip(x, y, strict=True)]
        for power in range(degree + 1):
            assert sum(r * a**power for r, a in zip(residuals, x, strict=True)) == 0
        total = sum(r * r for r in residuals)
        if result.residual.sum_of_squares.exact is not None:
            assert Fraction(result.residual.sum_of_squares.exact) == total


def test_several_predictors_find_the_plane_that_made_the_numbers() -> None:
    result = fit(x="1 2 3 4 5", more_x=["2 1 4 3 7", "0 1 0 2 5"], y="8.5 7 18.5 17 33.5", predict_at=None)
    assert [c.term for c in result.coefficients] == ["intercept", "x1", "x2", "x3"]
    again = [
        sum(Fraction(c.estimate.exact or 0) * v for c, v in zip(result.coefficients, (1, x1, x2, x3), strict=True))
        for x1, x2, x3 in zip((1, 2, 3, 4, 5), (2, 1, 4, 3, 7), (0, 1, 0, 2, 5), strict=True)
    ]
    residual = sum((Fraction(y) - f) ** 2 for y, f in zip(("8.5", "7", "18.5", "17", "33.5"), again, strict=True))
    assert Fraction(result.residual.sum_of_squares.exact or 0) == residual


def test_a_prediction_is_exact() -> None:
    result = fit(x="0 1 2", y="1 3 7", degree=2, predict_at="10")
    assert result.predicted is not None
    assert result.predicted.exact == "111"


def test_as_many_numbers_as_terms_leave_nothing_to_judge() -> None:
    result = fit(x="1 2", y="3 5")
    assert result.residual_standard_deviation is None
    assert result.f_statistic is None


def test_a_response_that_does_not_vary_has_no_r_squared() -> None:
    assert fit(x="1 2 3", y="4 4 4").r_squared is None


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"x": "1 1 1", "y": "1 2 3"}, "domain_error"),
        ({"x": "1e-150 1e150 3", "y": "1 2 3", "degree": 2}, "limit_exceeded"),
        ({"x": "1 2", "y": "1 2 3"}, "invalid_argument"),
        ({"x": "1 2", "y": "1 2", "degree": 2}, "invalid_argument"),
        ({"x": "1 2 3", "y": "1 2 3", "more_x": ["2 4 6"]}, "domain_error"),
        ({"x": "1 2 3", "y": "1 2 3", "more_x": ["1 4 6"], "degree": 2}, "invalid_argument"),
        ({"x": "1 2 3", "y": "1 2 3", "more_x": ["1 4 6"], "predict_at": 3}, "invalid_argument"),
    ],
    ids=str,
)
def test_what_has_no_fit_is_refused(arguments: dict[str, JsonValue], code: str) -> None:
    with pytest.raises(ToolError) as caught:
        fit(**arguments)
    assert caught.value.code == code
