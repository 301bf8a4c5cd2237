"""How a model that is asked straight away is spoken to: what a template or a profile adds to a client's request."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.gateway.domain.serving import Served

_FORCING = frozenset({"required", "any"})
_BOUNDS = ("max_completion_tokens", "max_tokens")


@dataclass(frozen=True, slots=True)
class Manner:
    """`prompt` goes before the client's instructions; `max_tokens` bounds the answer, 0 does not; `must_call`: a tool
    is called where the client leaves that open; `shows_thinking`: the model's reasoning is shown as such."""

    prompt: str = ""
    max_tokens: int = 0
    must_call: bool = False
    shows_thinking: bool = True


PLAIN = Manner()


def manner_of(served: Served, *, with_tools: bool) -> Manner:
    """Return how a request is put to a model, that brings tools or does not."""
    template, profile = served.template, served.profile
    prompts = (profile.system_prompt_prefix if profile else "", template.tool_prompt if template and with_tools else "")
    prompt = "\n\n".join(filter(None, prompts))
    if profile is None:
        return Manner(prompt, template.max_tokens if template is not None else 0)
    bound = profile.tool_max_tokens if with_tools or served.straight == "tool" else profile.reasoning_max_tokens
    return Manner(prompt, bound, with_tools and profile.tool_choice in _FORCING, profile.stream_think)


def in_manner(raw: Mapping[str, object], manner: Manner) -> Mapping[str, object]:
    """Return the JSON object that a model server is sent for a client's, which is not changed."""
    changed = dict(raw)
    if manner.prompt:
        messages = raw.get("messages")
        first = {"role": "system", "content": manner.prompt}
        changed["messages"] = [first, *(messages if isinstance(messages, list) else ())]
    if manner.max_tokens:
        _bound(changed, manner.max_tokens)
    if manner.must_call and raw.get("tools") and raw.get("tool_choice") in {None, "auto"}:
        changed["tool_choice"] = "required"
    return changed


def _bound(changed: dict[str, object], most: int) -> None:
    """Each bound that the client gave is kept where it is the smaller one."""
    given = [name for name in _BOUNDS if isinstance(changed.get(name), int)]
    for name in given or _BOUNDS[1:]:
        wanted = changed.get(name)
        changed[name] = min(wanted, most) if isinstance(wanted, int) else most
