"""What work can be planned for: the experts and tools whose services are there."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from libs.contracts.finding import Category, Tier
from libs.contracts.question import Mode
from libs.contracts.staffing import ExpertRole, ModelAt, Staffing
from libs.contracts.tool_catalogue import OfferedTool, catalogue

MAX_TASKS = 4
TOOL_CATEGORY = "precision_tools"
CRITICAL: tuple[Category, ...] = ("medical_consult", "legal_advisor")
# These modes are planned by rule: the whole question, to each of these.
FORCED: Mapping[Mode, tuple[Category, ...]] = {"agent": ("code_reviewer", "technical_support")}
_PREFER_LARGE: tuple[Category, ...] = ("reasoning", "vision")
# `vision` is missing: questions carry no images yet.
EXPERTS: dict[Category, str] = {
    "general": "general knowledge, definitions, explanations, whatever fits nowhere else",
    "math": "equations, formulas, proofs, statistics that no tool computes",
    "technical_support": "IT, servers, containers, networks, debugging, operations",
    "creative_writer": "stories, poems, marketing and other creative writing",
    "code_reviewer": "programming, code review, security, refactoring",
    "medical_consult": "medicine: symptoms, diagnoses, medication",
    "legal_advisor": "law: statutes (BGB, StGB), contracts, judgments",
    "translation": "translation between languages",
    "reasoning": "analysis, logic, complex arguments, strategy",
    "data_analyst": "data, CSV, tables, visualisation, pandas",
    "science": "chemistry, biology, physics, environment, research",
}


TOOLS: tuple[OfferedTool, ...] = catalogue()
# A served tool needs something outside; MOE_PLANNER_SERVED_TOOLS says which of them this fleet has set up.
PURE_TOOLS = tuple(tool for tool in TOOLS if not tool.served)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the configured models mean for a plan.

    `large`: categories that have a second tier. `small`: those whose first tier cannot keep an output contract, as no
    model on `small_servers` can. `experts` and `tools` are what may be planned for. `beside`: models that answer every
    task of a category as well. `thinks`: what arrives is weighed before the answer is written.
    """

    large: frozenset[Category] = frozenset()
    small: frozenset[Category] = frozenset()
    planner_is_small: bool = False
    judge_is_small: bool = False
    small_servers: frozenset[str] = frozenset()
    experts: tuple[Category, ...] = tuple(EXPERTS)
    tools: tuple[OfferedTool, ...] = PURE_TOOLS
    beside: Mapping[Category, tuple[ModelAt, ...]] = field(default_factory=dict)
    thinks: bool = False

    @property
    def default(self) -> Category:
        """Return who is asked where nobody else fits."""
        return "general" if "general" in self.experts else self.experts[0]

    def forced(self, mode: Mode) -> tuple[Category, ...]:
        """Return the categories that a mode asks for; one alone where no model could merge them; none for most."""
        offered = tuple(category for category in FORCED.get(mode, ()) if category in self.experts)
        if mode in FORCED and not offered:
            return (self.default,)
        return offered[:1] if any(map(self.is_plain, offered)) else offered

    def tier_of(self, category: Category) -> Tier:
        """Return the tier that is asked first."""
        return "T2" if category in _PREFER_LARGE and category in self.large else "T1"

    def is_plain(self, category: Category) -> bool:
        """Return whether the model that is asked first gets the bare task."""
        return category in self.small and self.tier_of(category) == "T1"


def with_staffing(house: Capabilities, staffing: Staffing | None) -> Capabilities:
    """Return the roster of a request: the house's own, with what its template says about it.

    Where the judge's model is small nobody could weigh or merge several opinions, so there is one.
    """
    if staffing is None:
        return house
    roles = staffing.experts
    planner, judge = staffing.planner.model, staffing.judge.model
    judge_is_small = house.judge_is_small if judge is None else judge.server in house.small_servers
    return replace(
        house,
        experts=tuple(category for category in EXPERTS if category in roles) or house.experts,
        large=_with(house.large, roles, lambda role: bool(role.large)),
        small=_with(house.small, roles, lambda role: role.fast[0].server in house.small_servers),
        planner_is_small=house.planner_is_small if planner is None else planner.server in house.small_servers,
        judge_is_small=judge_is_small,
        beside={} if judge_is_small else {category: role.beside for category, role in roles.items()},
        thinks=staffing.force_think and not judge_is_small,
        tools=plannable_tools(house.tools, staffing.tools),
    )


def plannable_tools(served: tuple[OfferedTool, ...], granted: Collection[str] | None) -> tuple[OfferedTool, ...]:
    """Return the tools that the operator serves and the caller may use; `granted` None stands for all.

    A template or a grant only narrows what is served: neither can add a tool.
    """
    return served if granted is None else tuple(tool for tool in served if tool.name in granted)


def _with(
    categories: frozenset[Category], roles: Mapping[Category, ExpertRole], counts: Callable[[ExpertRole], bool]
) -> frozenset[Category]:
    """Return the categories, where a template that names models decides about those it names them for."""
    named = {category: role for category, role in roles.items() if role.fast}
    kept = (category for category in categories if category not in named)
    return frozenset((*kept, *(category for category, role in named.items() if counts(role))))
