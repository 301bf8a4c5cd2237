"""What the planner is given by others, in the planner's own words."""

from collections.abc import Collection

from libs.adapters.models.catalogue import ModelCatalogue
from libs.contracts.plan import ToolCall
from services.planner.domain.offer import EXPERTS, TOOLS, Capabilities
from services.planner.recogniser import recognise
from services.planner.shortlist import Shortlist

SHORTLIST = Shortlist(TOOLS)


def capabilities_of(catalogue: ModelCatalogue, served: Collection[str] = ()) -> Capabilities:
    """Return what the configured models mean for a plan; `served` are the served tools that may be planned for."""
    tiers = {category: catalogue.experts(category) for category in EXPERTS}
    return Capabilities(
        large=frozenset(category for category, (_, large) in tiers.items() if large),
        small=frozenset(category for category, (fast, _) in tiers.items() if catalogue.is_small(fast[0])),
        planner_is_small=catalogue.is_small(catalogue.planner),
        judge_is_small=catalogue.is_small(catalogue.judge),
        small_servers=catalogue.small_servers,
        tools=tuple(tool for tool in TOOLS if not tool.served or tool.name in served),
    )


def recognised_calls(question: str) -> tuple[ToolCall, ...] | None:
    """Return the tool calls that answer a question exactly, or None where a model must plan."""
    found = recognise(question)
    if found is None:
        return None
    return tuple(ToolCall(tool=call.tool, arguments=dict(call.arguments), focus=call.focus or "") for call in found)
