"""A source of parts: the row of one kind."""

from collections.abc import Callable
from dataclasses import dataclass

from libs.contracts.message import PartMessage
from libs.contracts.plan import PlannedPart
from libs.contracts.progress import PlanDrafted
from libs.contracts.question import Question
from libs.contracts.staffing import Staffing


@dataclass(frozen=True, slots=True)
class PartBrief:
    """The request of a planned part. `context` holds the results of the parts that it needs."""

    plan: PlanDrafted
    question: Question
    staffing: Staffing | None = None
    context: str = ""


@dataclass(frozen=True, slots=True)
class PartSource:
    """One kind of part. Results with a lower `rank` come first; `service` consumes the commands.

    `build` makes the command of a planned part; None if plans hold no such part. `offer` is the line of the planning
    prompt about it; empty: no model plans it by its kind. `examples` are commands for documentation and tests.
    """

    kind: str
    rank: int
    service: str
    commands: tuple[type[PartMessage], ...]
    build: Callable[[PlannedPart, PartBrief], PartMessage] | None = None
    offer: str = ""
    examples: tuple[PartMessage, ...] = ()
