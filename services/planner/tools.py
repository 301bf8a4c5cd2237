"""Adapts the model catalogue, the tool catalogue and the recogniser to the planner's types."""

from collections.abc import Collection

from libs.contracts.plan import ToolCall
from libs.runtime.settings.model_catalogue import ModelCatalogue
from services.planner.domain.offer import EXPERTS, TOOLS, Capabilities
from services.planner.recogniser import recognise
from services.planner.shortlist import Shortlist

SHORTLIST = Shortlist(TOOLS)


def capabilities_of(catalogue: ModelCatalogue, served: Collection[str] = ()) -> Capabilities:
    """Capabilities of the configured models; `served` are the served tools that plans may use."""
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
    """The tool calls that answer a question exactly; None if a model must plan."""
    found = recognise(question)
    if found is None:
        return None
    return tuple(ToolCall(tool=call.tool, arguments=dict(call.arguments), focus=call.focus or "") for call in found)
