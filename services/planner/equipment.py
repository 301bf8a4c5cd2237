"""What the planner is given by others, in the planner's own words."""

from libs.adapters.model_catalogue import ModelCatalogue
from libs.contracts.plan import ToolCall
from services.planner.domain.offer import EXPERTS, Roster
from services.planner.recogniser import recognise


def roster_of(catalogue: ModelCatalogue) -> Roster:
    """Return what the configured models mean for a plan."""
    tiers = {category: catalogue.experts(category) for category in EXPERTS}
    return Roster(
        large=frozenset(category for category, (_, large) in tiers.items() if large),
        small=frozenset(category for category, (fast, _) in tiers.items() if catalogue.is_small(fast[0])),
        planner_is_small=catalogue.is_small(catalogue.planner),
        small_servers=catalogue.small_servers,
    )


def recognised_calls(question: str) -> tuple[ToolCall, ...] | None:
    """Return the tool calls that answer a question exactly, or None where a model must plan."""
    found = recognise(question)
    if found is None:
        return None
    return tuple(ToolCall(tool=call.tool, arguments=dict(call.arguments), focus=call.focus or "") for call in found)
