"""Models and prompts for one request: the resolved expert template.

It travels with the request, so no stage reads a store, and a later change of the template has no effect on it.
"""

from pydantic import Field

from libs.contracts.finding import Category
from libs.contracts.message import Value


class ModelRef(Value):
    """One model on one configured inference server."""

    model: str
    server: str

    def __str__(self) -> str:
        return f"{self.model}@{self.server}"


class StageRole(Value):
    """The planner's or the judge's place. `prompt` is added to the default rules; no model: the configured one.

    `context_window` bounds prompt and answer together, in tokens; 0: no bound.
    """

    prompt: str = ""
    model: ModelRef | None = None
    context_window: int = 0


class ExpertRole(Value):
    """One category. `prompt` stands in place of the default role; models by tier, none: those of the configuration.

    `beside` answer every task of the category as well, each by itself. `max_tokens` bounds each answer,
    `context_window` prompt and answer together, both in tokens; 0: no bound.
    """

    prompt: str = ""
    fast: tuple[ModelRef, ...] = ()
    large: tuple[ModelRef, ...] = ()
    beside: tuple[ModelRef, ...] = ()
    max_tokens: int = 0
    context_window: int = 0


class Staffing(Value):
    """Without `experts` every category has its default, else there are no others. `tools`: None for all.

    `template` and `version` name where this comes from. `force_think`: the judge weighs what arrived in a step of its
    own before it writes, however plain the case.
    """

    template: str = ""
    version: int = 0
    planner: StageRole = StageRole()
    judge: StageRole = StageRole()
    experts: dict[Category, ExpertRole] = Field(default_factory=dict)
    tools: tuple[str, ...] | None = None
    force_think: bool = False

    def role_of(self, category: Category) -> ExpertRole | None:
        """Template entry of a category. None without one."""
        return self.experts.get(category)
