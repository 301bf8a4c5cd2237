"""The reference data sets of NIST: every certified digit is reproduced."""

import re
from decimal import Context, Decimal
from pathlib import Path

import pytest

from services.mcp.tools.pure.statistics.describe import StatisticsArguments, statistics_calc
from services.mcp.tools.pure.statistics.hypothesis.models import TestArguments
from services.mcp.tools.pure.statistics.hypothesis.tool import hypothesis_test
from services.mcp.tools.pure.statistics.regression.models import RegressionArguments, RegressionResult
from services.mcp.tools.pure.statistics.regression.tool import linear_regression
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.oracles import stats
from tests.support.mcp.strd import LINEAR, UNIVARIATE, Linear, Univariate


def measures(data: str) -> tuple[Decimal, ...]:
    result = statistics_calc(StatisticsArguments(data=data, operations="mean, stdev, autocorrelation"))
    return tuple(Decimal(statistic.values[0].rounded) for statistic in result.statistics)


@pytest.mark.parametrize("reference", UNIVARIATE, ids=lambda reference: reference.name)
def test_univariate_sets_have_their_certified_values(reference: Univariate, exact: Exactness) -> None:
    exact.table("statistics_calc", 3)
    certified = (reference.mean, reference.stdev, reference.autocorrelation)
    assert measures(reference.data) == tuple(Decimal(value) for value in certified)


def fit(reference: Linear) -> RegressionResult:
    first, *others = reference.x
    return linear_regression(
        RegressionArguments(
            x=first, y=reference.y, degree=reference.degree, more_x=others or None, intercept=reference.intercept
        )
    )


@pytest.mark.parametrize("reference", LINEAR, ids=lambda reference: reference.name)
def test_linear_sets_have_their_certified_coefficients_and_deviations(reference: Linear, exact: Exactness) -> None:
    exact.table("linear_regression", 2 * len(reference.coefficients))
    found = fit(reference).coefficients
    estimates = [Decimal(coefficient.estimate.rounded) for coefficient in found]
    deviations = [Decimal(c.standard_error.rounded) for c in found if c.standard_error is not None]
    assert estimates == [Decimal(estimate) for estimate, _ in reference.coefficients]
    assert deviations == [Decimal(deviation) for _, deviation in reference.coefficients]


@pytest.mark.parametrize("reference", LINEAR, ids=lambda reference: reference.name)
def test_linear_sets_have_their_certified_residual_deviation_r_squared_and_f(
    reference: Linear, exact: Exactness
) -> None:
    exact.table("linear_regression", 3)
    result = fit(reference)
    assert result.residual_standard_deviation is not None
    assert Decimal(result.residual_standard_deviation.rounded) == Decimal(reference.residual)
    assert result.r_squared is not None
    assert Decimal(result.r_squared.rounded) == Decimal(reference.r_squared)
    f = None if result.f_statistic is None else Decimal(result.f_statistic.rounded)
    assert f == (None if reference.f is None else Decimal(reference.f))


ANOVA = ("AtmWtAg", "SiRstv", "SmLs01", "SmLs02", "SmLs04", "SmLs05", "SmLs07", "SmLs08")  # others exceed 5,000 numbers


@pytest.mark.parametrize("name", ANOVA)
def test_analysis_of_variance_sets_have_their_certified_f(name: str, exact: Exactness) -> None:
    exact.table("hypothesis_test", 1)
    text = (Path(stats().__file__).parent / "tests/data/nist_anova" / f"{name}.dat").read_text()
    certified = re.search(r"Between \w+ +\d+ +\S+ +\S+ +(\S+)", text)
    assert certified is not None
    groups: dict[str, list[str]] = {}
    for line in text.splitlines()[60:]:
        group, value = line.split()
        groups.setdefault(group, []).append(value)
    result = hypothesis_test(TestArguments(test="anova", groups=[" ".join(values) for values in groups.values()]))
    assert result.statistic is not None
    rounded = Decimal(result.statistic.value.rounded)
    assert Context(prec=15).plus(rounded) == Decimal(certified[1])
