"""Experts and tools that plans may use: those whose services exist."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from libs.contracts.finding import Category, Tier
from libs.contracts.part_source import PartSource
from libs.contracts.part_sources import PART_SOURCES
from libs.contracts.question import Mode
from libs.contracts.staffing import ExpertRole, ModelRef, Staffing
from libs.contracts.tool_catalogue import OfferedTool, catalogue

MAX_TASKS = 4
TOOL_CATEGORY = "precision_tools"
CRITICAL: tuple[Category, ...] = ("medical_consult", "legal_advisor")
# Modes planned by rule: each of these experts gets the whole question.
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
SOURCES = tuple(source for source in PART_SOURCES if source.offer)
# A served tool depends on outside systems; MOE_PLANNER_SERVED_TOOLS names those that this fleet has set up.
PURE_TOOLS = tuple(tool for tool in TOOLS if not tool.served)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Capabilities of the configured models.

    `large`: categories that have a second tier. `small`: those whose first tier cannot follow an output contract, as no
    model on `small_servers` can. `experts`, `tools` and `sources` are available to plans. `beside`: models that also
    answer every task of a category. `thinks`: the judge writes a trace before the answer.
    """

    large: frozenset[Category] = frozenset()
    small: frozenset[Category] = frozenset()
    planner_is_small: bool = False
    judge_is_small: bool = False
    small_servers: frozenset[str] = frozenset()
    experts: tuple[Category, ...] = tuple(EXPERTS)
    tools: tuple[OfferedTool, ...] = PURE_TOOLS
    sources: tuple[PartSource, ...] = SOURCES
    beside: Mapping[Category, tuple[ModelRef, ...]] = field(default_factory=dict)
    thinks: bool = False

    @property
    def default(self) -> Category:
        """The category for tasks that fit no other."""
        return "general" if "general" in self.experts else self.experts[0]

    def forced(self, mode: Mode) -> tuple[Category, ...]:
        """Categories forced by a mode, empty for most modes; only one if its model is small, as no model could merge
        them."""
        offered = tuple(category for category in FORCED.get(mode, ()) if category in self.experts)
        if mode in FORCED and not offered:
            return (self.default,)
        return offered[:1] if any(map(self.is_plain, offered)) else offered

    def tier_of(self, category: Category) -> Tier:
        """The tier of the first command."""
        return "T2" if category in _PREFER_LARGE and category in self.large else "T1"

    def is_plain(self, category: Category) -> bool:
        """True if the first model gets the bare task."""
        return category in self.small and self.tier_of(category) == "T1"


def with_staffing(defaults: Capabilities, staffing: Staffing | None) -> Capabilities:
    """Capabilities of a request: the configured ones, changed by its template.

    A small judge model could neither weigh nor merge several opinions, so each task then gets one opinion and no trace.
    """
    if staffing is None:
        return defaults
    roles = staffing.experts
    planner, judge = staffing.planner.model, staffing.judge.model
    judge_is_small = defaults.judge_is_small if judge is None else judge.server in defaults.small_servers
    return replace(
        defaults,
        experts=tuple(category for category in EXPERTS if category in roles) or defaults.experts,
        large=_with(defaults.large, roles, lambda role: bool(role.large)),
        small=_with(defaults.small, roles, lambda role: role.fast[0].server in defaults.small_servers),
        planner_is_small=defaults.planner_is_small if planner is None else planner.server in defaults.small_servers,
        judge_is_small=judge_is_small,
        beside={} if judge_is_small else {category: role.beside for category, role in roles.items()},
        thinks=staffing.force_think and not judge_is_small,
        tools=plannable_tools(defaults.tools, staffing.tools),
    )


def plannable_tools(served: tuple[OfferedTool, ...], granted: Collection[str] | None) -> tuple[OfferedTool, ...]:
    """The tools that are both served and granted; `granted` None means all.

    A template or a grant only narrows the served tools and cannot add one.
    """
    return served if granted is None else tuple(tool for tool in served if tool.name in granted)


def _with(
    categories: frozenset[Category], roles: Mapping[Category, ExpertRole], counts: Callable[[ExpertRole], bool]
) -> frozenset[Category]:
    """A template that names models for a category decides about that category; others stay."""
    named = {category: role for category, role in roles.items() if role.fast}
    unchanged = (category for category in categories if category not in named)
    return frozenset((*unchanged, *(category for category, role in named.items() if counts(role))))
