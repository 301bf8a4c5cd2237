"""Who answers: the fleet, as a question."""

from dataclasses import dataclass

from libs.contracts.question import Question
from libs.ports.identity import Caller
from services.gateway.domain.ask import Ask
from services.gateway.domain.fleet_question import Limits, question_of
from services.gateway.domain.models import find_model


@dataclass(frozen=True, slots=True)
class ToFleet:
    """A question for the whole fleet. `model` is what the client is told that it was answered by."""

    model: str
    question: Question


def decide(ask: Ask, caller: Caller, limits: Limits) -> ToFleet:
    """Return who answers. Raises RequestRefused: 400 for what cannot be honoured, 403 for what the caller may not use,
    404 for a model that is not served."""
    model = find_model(ask.model, caller)
    return ToFleet(model.id, question_of(ask.chat, model.mode, limits))
