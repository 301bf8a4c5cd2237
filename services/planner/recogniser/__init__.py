"""Precision questions whose intent is unambiguous, recognised without a model, in English and German.

A question is matched as a whole, from its first word to its last, against a small grammar: a question that also asks
for something else never matches, and neither do numbers that are names (24/7, 555-1234, 3.11).
"""

from services.planner.recogniser.arithmetic import recognise_calculation
from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.dates import recognise_date_distance
from services.planner.recogniser.phrasing import core_of
from services.planner.recogniser.subnets import recognise_subnet

__all__ = ["ToolCall", "recognise"]


def recognise(question: str) -> tuple[ToolCall, ...] | None:
    """Return the calls that answer the whole question, or None where a model must plan. Pure; never raises."""
    core = core_of(question)
    if core is None:
        return None
    call = recognise_subnet(core) or recognise_date_distance(core) or recognise_calculation(core)
    return None if call is None else (call,)
