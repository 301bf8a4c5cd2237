"""Who answers: one model, asked straight away, or the fleet, as a question."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from libs.contracts.question import Question
from libs.ports.identity import Caller
from libs.ports.llm import ModelRef
from services.gateway.domain.ask import Ask
from services.gateway.domain.chat_body import ChatMessageBody
from services.gateway.domain.direct.models import DirectModels
from services.gateway.domain.errors import model_not_found, no_vision, not_granted
from services.gateway.domain.fleet_question import Limits, question_of
from services.gateway.domain.internal_prompts import internal_prompt
from services.gateway.domain.models import find_model

Why = Literal["node", "internal-prompt", "images", "tools", "format"]


@dataclass(frozen=True, slots=True)
class ToFleet:
    """A question for the whole fleet. `model` is what the client is told that it was answered by."""

    model: str
    question: Question


@dataclass(frozen=True, slots=True)
class ToModel:
    """A call of one model, and why it is no question for the fleet. `model` is what the client is told."""

    model: str
    ref: ModelRef
    why: Why


Decision: TypeAlias = ToFleet | ToModel


def decide(ask: Ask, caller: Caller, limits: Limits, models: DirectModels | None = None) -> Decision:
    """Return who answers; without `models` nobody can be asked straight away, so that the fleet refuses it.

    Raises RequestRefused: 400 for what cannot be honoured, 403 for what the caller may not use, 404 for a model that is
    not served.
    """
    if "@" in ask.model:
        return _at_node(ask.model, caller, models)
    public = find_model(ask.model, caller)
    if models is not None:
        for why, fits, choose in _STRAIGHT:
            if fits(ask):
                return ToModel(public.id, choose(models), why)
    return ToFleet(public.id, question_of(ask.chat, public.mode, limits))


def _at_node(named: str, caller: Caller, models: DirectModels | None) -> ToModel:
    """`model@node`: the node must be one of ours, the model is its own business."""
    model, _, node = named.rpartition("@")
    if models is None or node not in models.nodes or not model:
        raise model_not_found(named)
    if not caller.grants.allow("model_endpoint", named):
        raise not_granted("model_endpoint", named)
    return ToModel(named, ModelRef(model, node), "node")


def _is_internal(ask: Ask) -> bool:
    return not ask.stream and bool(internal_prompt(ask.chat.messages))


def _has_images(ask: Ask) -> bool:
    return any(_shows_image(message) for message in ask.chat.messages)


def _shows_image(message: ChatMessageBody) -> bool:
    return isinstance(message.content, list) and any(part.type == "image_url" for part in message.content)


def _has_tools(ask: Ask) -> bool:
    return bool(ask.chat.tools or ask.chat.functions) or any(
        message.role in _OF_TOOLS or message.tool_calls or message.function_call for message in ask.chat.messages
    )


def _has_format(ask: Ask) -> bool:
    wanted = ask.chat.response_format
    return isinstance(wanted, dict) and wanted.get("type") in _FORMATS


def _seeing(models: DirectModels) -> ModelRef:
    if models.vision is None:
        raise no_vision()
    return models.vision


_OF_TOOLS = frozenset({"tool", "function"})
_FORMATS = frozenset({"json_schema", "json_object"})
# The first that fits. Images go first: a model that cannot see cannot call a tool about what is to be seen either.
_STRAIGHT: tuple[tuple[Why, Callable[[Ask], bool], Callable[[DirectModels], ModelRef]], ...] = (
    ("internal-prompt", _is_internal, lambda models: models.judge),
    ("images", _has_images, _seeing),
    ("tools", _has_tools, lambda models: models.tool),
    ("format", _has_format, lambda models: models.tool),
)
