"""Options that a template or a profile adds to a direct request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from libs.contracts.template import TemplateExpert
from services.gateway.domain.routing.model_resolver import ResolvedModel

Purpose = Literal["tools", "images", "text"]
_NO_EXPERT = TemplateExpert()

_FORCING = frozenset({"required", "any"})
_INSTRUCTING = frozenset({"system", "developer"})
_BOUNDS = ("max_completion_tokens", "max_tokens")


@dataclass(frozen=True, slots=True)
class CallOptions:
    """`prompt` precedes the client's instructions. `max_tokens` bounds the answer; 0: unbounded. `must_call`: a tool
    call is required where the client leaves that open. `shows_thinking`: the model's reasoning is sent to the client.
    `window` bounds prompt and answer together; 0: unbounded."""

    prompt: str = ""
    max_tokens: int = 0
    must_call: bool = False
    shows_thinking: bool = True
    window: int = 0


PLAIN = CallOptions()


def call_options_of(served: ResolvedModel, purpose: Purpose) -> CallOptions:
    profile, (prompt, bound, window) = served.profile, _of_template(served, purpose)
    if profile is None:
        return CallOptions(prompt, bound, window=window)
    for_tools = purpose == "tools" or served.straight == "tool"
    own = profile.tool_max_tokens if for_tools else profile.reasoning_max_tokens
    return CallOptions(
        prompt="\n\n".join(filter(None, (profile.system_prompt_prefix, prompt))),
        max_tokens=_least(own, bound),
        must_call=purpose == "tools" and profile.tool_choice in _FORCING,
        shows_thinking=profile.stream_think,
        window=_least(profile.context_window, window),
    )


def _of_template(served: ResolvedModel, purpose: Purpose) -> tuple[str, int, int]:
    """Prompt, bound and window of a template; requests with images also use its expert for vision."""
    template = served.template
    if template is None:
        return "", 0, 0
    seeing = template.experts.get("vision", _NO_EXPERT) if purpose == "images" else _NO_EXPERT
    bound = _least(template.max_tokens, seeing.max_tokens)
    if purpose == "tools":
        return template.tool_prompt, bound, template.tool_context_window
    return seeing.system_prompt, bound, seeing.context_window


def _least(*bounds: int) -> int:
    """0 means no bound."""
    return min(filter(None, bounds), default=0)


def with_options(raw: Mapping[str, object], options: CallOptions) -> Mapping[str, object]:
    """JSON object for a model server; `raw` is not changed."""
    changed = dict(raw)
    if options.prompt:
        messages = raw.get("messages")
        changed["messages"] = _under(options.prompt, messages if isinstance(messages, list) else [])
    if options.max_tokens:
        _bound(changed, options.max_tokens)
    if options.must_call and raw.get("tools") and raw.get("tool_choice") in {None, "auto"}:
        changed["tool_choice"] = "required"
    return changed


def _under(prompt: str, messages: list[object]) -> list[object]:
    """Keep one system message, at the head: many chat templates reject a second one."""
    first = messages[0] if messages else None
    if isinstance(first, dict) and first.get("role") in _INSTRUCTING:
        return [{**first, "content": _joined(prompt, first.get("content"))}, *messages[1:]]
    return [{"role": "system", "content": prompt}, *messages]


def _joined(prompt: str, content: object) -> object:
    if isinstance(content, list):
        return [{"type": "text", "text": f"{prompt}\n\n"}, *content]
    return f"{prompt}\n\n{content}" if content else prompt


def _bound(changed: dict[str, object], most: int) -> None:
    """A bound of the client stays where it is smaller."""
    bounds = [name for name in _BOUNDS if isinstance(changed.get(name), int)]
    for name in bounds or _BOUNDS[1:]:
        wanted = changed.get(name)
        changed[name] = min(wanted, most) if isinstance(wanted, int) else most
