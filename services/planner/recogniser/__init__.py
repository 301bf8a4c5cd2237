"""Precision questions whose intent is unambiguous, recognised without a model, in English and German.

A question is matched as a whole, from its first word to its last, against small grammars: a question that also asks
for something else never matches, and neither do numbers that are names (24/7, 555-1234, 3.11).
"""

from services.planner.recogniser.arithmetic import recognise_calculation
from services.planner.recogniser.call import ToolCall
from services.planner.recogniser.dates import recognise_date_distance
from services.planner.recogniser.families import FAMILIES
from services.planner.recogniser.intents import rewritings
from services.planner.recogniser.phrasing import MAX_CORE, Asked, asked
from services.planner.recogniser.subnets import recognise_subnet

__all__ = ["ToolCall", "recognise"]


def recognise(question: str) -> tuple[ToolCall, ...] | None:
    """Return the calls that answer the whole question, or None where a model must plan. Pure; never raises."""
    meant = asked(question)
    call = None if meant is None else _of_rules(meant) or _of_an_intent(meant)
    return None if call is None else (call,)


def _of_rules(meant: Asked) -> ToolCall | None:
    return _of_plain_text(meant) or _of_a_family(meant)


def _of_plain_text(meant: Asked) -> ToolCall | None:
    core = meant.plain
    if len(core) > MAX_CORE:
        return None
    return recognise_subnet(core) or recognise_date_distance(core) or recognise_calculation(core)


def _of_a_family(meant: Asked) -> ToolCall | None:
    return next((call for family in FAMILIES if (call := family.recognise(meant)) is not None), None)


def _of_an_intent(meant: Asked) -> ToolCall | None:
    """Rules read one order of words; where none fits, an intent that knows every word writes the question anew."""
    return next((call for form in rewritings(meant) if (call := _of_rules(form)) is not None), None)
