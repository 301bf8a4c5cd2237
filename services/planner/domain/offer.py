"""What work can be planned for: the experts and tools whose services are there."""

from dataclasses import dataclass

from libs.contracts.finding import Category, Tier

MAX_TASKS = 4
TOOL_CATEGORY = "precision_tools"
CRITICAL: tuple[Category, ...] = ("medical_consult", "legal_advisor")
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


@dataclass(frozen=True, slots=True)
class Tool:
    """A precision tool. All of its arguments are required text."""

    name: str
    purpose: str
    arguments: tuple[str, ...]


TOOLS: tuple[Tool, ...] = (
    Tool("calculate", "arithmetic, percentages, powers, roots, functions of known numbers", ("expression",)),
    Tool("date_diff", "days, weeks, months between two dates (YYYY-MM-DD)", ("date1", "date2")),
    Tool("subnet_calc", "network, broadcast, mask, host range of an IP network", ("cidr",)),
)


@dataclass(frozen=True, slots=True)
class Roster:
    """What the configured models mean for a plan.

    `large`: categories that have a second tier. `small`: those whose first tier cannot keep an output contract.
    """

    large: frozenset[Category] = frozenset()
    small: frozenset[Category] = frozenset()
    planner_is_small: bool = False

    def tier_of(self, category: Category) -> Tier:
        """Return the tier that is asked first."""
        return "T2" if category in _PREFER_LARGE and category in self.large else "T1"

    def is_plain(self, category: Category) -> bool:
        """Return whether the model that is asked first gets the bare task."""
        return category in self.small and self.tier_of(category) == "T1"
