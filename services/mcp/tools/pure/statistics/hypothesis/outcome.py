"""What a test has found, before it is written down."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from services.mcp.contract import ToolError
from services.mcp.tools.pure.figures import Figure, figure, root_figure
from services.mcp.tools.pure.statistics.distributions import SignedRoot
from services.mcp.tools.pure.statistics.hypothesis.models import NamedFigure, TestArguments
from services.mcp.tools.pure.statistics.samples import Sample, read_sample

NORMAL_DATA = "independent observations from a normal distribution"

Given = TypeVar("Given")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished test. `p_value` is a Fraction where it is known exactly."""

    null_hypothesis: str
    statistic: NamedFigure | None
    p_value: Fraction | Decimal
    method: str
    assumption: str
    degrees_of_freedom: tuple[Fraction, ...] = ()
    estimates: tuple[NamedFigure, ...] = ()
    notes: tuple[str, ...] = ()


def needed(value: Given | None, argument: str, arguments: TestArguments) -> Given:
    """An argument that this test requires. Raises ToolError."""
    if value is None:
        raise ToolError("invalid_argument", f"{argument}: the test {arguments.test} needs it")
    return value


def sample_of(text: str | None, argument: str, arguments: TestArguments, at_least: int) -> Sample:
    return read_sample(needed(text, argument, arguments), argument, at_least)


def named(name: str, value: Fraction) -> NamedFigure:
    return NamedFigure(name=name, value=figure(value))


def named_root(name: str, root: SignedRoot) -> NamedFigure:
    return NamedFigure(name=name, value=signed_root_figure(root))


def signed_root_figure(root: SignedRoot) -> Figure:
    positive = root_figure(root.square)
    if root.sign >= 0:
        return positive
    exact = None if positive.exact is None else f"-{positive.exact}"
    return Figure(exact=exact, rounded=f"-{positive.rounded}", is_exact=positive.is_exact)


def spread(variance: Fraction) -> Fraction:
    """A non-zero variance. Raises ToolError."""
    if variance == 0:
        raise ToolError("division_by_zero", "the numbers do not vary: the statistic has no value")
    return variance
