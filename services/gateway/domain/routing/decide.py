"""Routing: one model directly, or the fleet; and the context window that the request must fit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from libs.contracts.question import Question
from libs.contracts.staffing import ExpertRole, ModelRef, Staffing
from libs.ports.identity import Caller
from services.gateway.domain.body.chat import ChatMessageBody
from services.gateway.domain.body.media import check_local
from services.gateway.domain.errors import (
    RequestRefused,
    model_not_found,
    no_vision,
    not_granted,
    profile_unusable,
    prompt_too_long,
)
from services.gateway.domain.question.estimate import MESSAGE_TOKENS, request_tokens, text_tokens
from services.gateway.domain.question.fleet_question import InferenceRequest, Limits, limits_of, question_of
from services.gateway.domain.question.internal_prompts import internal_prompt
from services.gateway.domain.routing.call_options import PLAIN, CallOptions, Purpose, call_options_of
from services.gateway.domain.routing.direct_models import DirectModels
from services.gateway.domain.routing.model_resolver import ModelResolver, ResolvedModel, priced_as, resolve_model

Why = Literal["node", "internal-prompt", "images", "tools", "format", "profile"]


@dataclass(frozen=True, slots=True)
class ToFleet:
    """A question for the whole fleet. `model` is the model name in the answer, `priced_as` the id that it is priced by.

    `cache`: a cached answer is allowed. `window` bounds the question, in tokens; 0: unbounded.
    """

    model: str
    question: Question
    staffing: Staffing | None = None
    cache: bool = True
    window: int = 0
    priced_as: str = ""


@dataclass(frozen=True, slots=True)
class ToModel:
    """A call of one model, and the reason why it is no question for the fleet. `model` is the model name in the answer,
    `priced_as` the id that it is priced by."""

    model: str
    ref: ModelRef
    why: Why
    options: CallOptions = PLAIN
    priced_as: str = ""


Decision: TypeAlias = ToFleet | ToModel


def decide(
    request: InferenceRequest,
    caller: Caller,
    limits: Limits,
    models: DirectModels | None = None,
    resolver: ModelResolver | None = None,
) -> Decision:
    """Decide on fleet or model. Without `models` no direct call is possible, and the fleet rejects such requests.

    Raises RequestRefused: 400 for unsupported requests, 403 for a missing grant, 404 for a model that is not served,
    422 for a template or a profile that is deleted or unusable.
    """
    decision = _route(request, caller, limits, models, resolver or ModelResolver())
    if isinstance(decision, ToModel) and models is not None and not models.fetch:
        check_local(request.raw)
    return decision


def check_model(named: str, caller: Caller, models: DirectModels | None, resolver: ModelResolver) -> None:
    """Raise RequestRefused (403, 404, 422) for a model that the caller cannot use."""
    if "@" in named:
        _route_to_node(named, caller, models)
    else:
        resolve_model(named, caller, resolver)


def _route(
    request: InferenceRequest, caller: Caller, limits: Limits, models: DirectModels | None, resolver: ModelResolver
) -> Decision:
    if "@" in request.model:
        return _route_to_node(request.model, caller, models)
    served = resolve_model(request.model, caller, resolver)
    if models is None and served.profile is not None and served.straight is not None:
        raise profile_unusable(served.profile.id, "this gateway knows no model server")
    priced = priced_as(served, resolver)
    straight = _route_to_model(request, served, models, priced) if models is not None else None
    return straight or _route_to_fleet(request, served, limits, priced)


def _route_to_fleet(request: InferenceRequest, served: ResolvedModel, limits: Limits, priced: str) -> ToFleet:
    cache = served.template is None or served.template.enable_cache
    window = served.profile.context_window if served.profile is not None else 0
    return ToFleet(served.model, _build_question(request, served, limits), served.staffing, cache, window, priced)


def _route_to_model(
    request: InferenceRequest, served: ResolvedModel, models: DirectModels, priced: str
) -> ToModel | None:
    """None where the request is for the fleet."""
    models = _as_staffed(models, served)
    for why, fits, choose in _STRAIGHT:
        if fits(request):
            return ToModel(
                served.model, choose(models), why, call_options_of(served, _PURPOSES.get(why, "text")), priced
            )
    if served.straight is None:
        return None
    ref = models.tool if served.straight == "tool" else models.judge
    return ToModel(served.model, ref, "profile", call_options_of(served, "text"), priced)


def _as_staffed(models: DirectModels, served: ResolvedModel) -> DirectModels:
    """Replace the models by those of the request's template or profile."""
    staffing = served.staffing or Staffing()
    seeing = staffing.role_of("vision") or ExpertRole()
    return replace(
        models,
        tool=served.tool or models.tool,
        judge=staffing.judge.model or models.judge,
        vision=next(iter((*seeing.fast, *seeing.large)), None) or models.vision,
    )


def _build_question(request: InferenceRequest, served: ResolvedModel, limits: Limits) -> Question:
    """The limits are those of its template; the profile's prompt goes before the instructions."""
    template, profile = served.template, served.profile
    question = question_of(request.chat, served.mode, limits_of(limits, template))
    if not (request.stream or request.background):
        question = question.model_copy(update={"streamed": False})
    if profile is not None and profile.system_prompt_prefix:
        instructions = "\n\n".join(filter(None, (profile.system_prompt_prefix, question.instructions)))
        question = question.model_copy(update={"instructions": instructions})
    bounds = (question.max_tokens, template.max_tokens if template is not None else None)
    if (bound := min(filter(None, bounds), default=None)) != question.max_tokens:
        question = question.model_copy(update={"max_tokens": bound})
    return question


def _route_to_node(named: str, caller: Caller, models: DirectModels | None) -> ToModel:
    """`model@node`: the node must be configured here; the model name is not checked."""
    model, _, node = named.rpartition("@")
    if models is None or node not in models.nodes or not model:
        raise model_not_found(named)
    if not caller.grants.allow("model_endpoint", named):
        raise not_granted("model_endpoint", named)
    return ToModel(named, ModelRef(model=model, server=node), "node", priced_as=named)


def _is_internal(request: InferenceRequest) -> bool:
    return not request.stream and bool(internal_prompt(request.chat.messages))


def _has_images(request: InferenceRequest) -> bool:
    return any(_shows_image(message) for message in request.chat.messages)


def _shows_image(message: ChatMessageBody) -> bool:
    return isinstance(message.content, list) and any(part.type == "image_url" for part in message.content)


def _has_tools(request: InferenceRequest) -> bool:
    return bool(request.chat.tools or request.chat.functions) or any(
        message.role in _OF_TOOLS or message.tool_calls or message.function_call for message in request.chat.messages
    )


def _has_format(request: InferenceRequest) -> bool:
    wanted = request.chat.response_format
    return isinstance(wanted, dict) and wanted.get("type") in _FORMATS


def _seeing(models: DirectModels) -> ModelRef:
    if models.vision is None:
        raise no_vision()
    return models.vision


_OF_TOOLS = frozenset({"tool", "function"})

_FORMATS = frozenset({"json_schema", "json_object"})

_PURPOSES: Mapping[Why, Purpose] = {"tools": "tools", "images": "images"}

# The first match counts. Images go first: a model without vision cannot call a tool about an image either.
_STRAIGHT: tuple[tuple[Why, Callable[[InferenceRequest], bool], Callable[[DirectModels], ModelRef]], ...] = (
    ("internal-prompt", _is_internal, lambda models: models.judge),
    ("images", _has_images, _seeing),
    ("tools", _has_tools, lambda models: models.tool),
    ("format", _has_format, lambda models: models.tool),
)


def window_of(decision: Decision) -> int:
    """The window of a request, in tokens; 0: unbounded."""
    return decision.window if isinstance(decision, ToFleet) else decision.options.window


def fit_to_window(request: InferenceRequest, decision: Decision) -> Decision:
    """Fit the decision into its window. Linear in the length of the request. Raises RequestRefused (400).

    The fleet's history is shortened. A prompt that cannot be shortened is rejected with the message that makes coding
    agents shorten the conversation.
    """
    if isinstance(decision, ToFleet):
        return replace(decision, question=_shortened(decision.question, decision.window))
    return _bounded(request, decision)


def _shortened(question: Question, window: int) -> Question:
    """The newest turns that fit stay."""
    taken = _tokens(question.text) + _tokens(question.instructions)
    if taken >= window:
        raise RequestRefused(prompt_too_long(taken, window))
    fitting = 0
    for turn in reversed(question.history):
        taken += _tokens(turn.text)
        if taken >= window:
            break
        fitting += 1
    return question.model_copy(update={"history": question.history[len(question.history) - fitting :]})


def _bounded(request: InferenceRequest, decision: ToModel) -> ToModel:
    """Messages about tools depend on each other, so all of them stay; the answer gets the rest of the window."""
    manner = decision.options
    taken = request_tokens(request.raw) + _tokens(manner.prompt)
    if (left := manner.window - taken) <= 0:
        raise RequestRefused(prompt_too_long(taken, manner.window))
    return replace(decision, options=replace(manner, max_tokens=min(manner.max_tokens or left, left)))


def _tokens(text: str) -> int:
    return MESSAGE_TOKENS + text_tokens(text) if text else 0
