"""Claude Code profiles: handling of requests of coding agents."""

from typing import Annotated, Literal

from pydantic import Field

from libs.contracts.message import Value
from libs.contracts.template import ModelName, Prompt, TemplateId, Tokens

ProfileMode = Literal["native", "moe_reasoning", "moe_orchestrated"]
ToolChoice = Literal["auto", "required", "any"]


class Profile(Value):
    """Answering of a coding agent's requests.

    native: all requests use the tool model · moe_reasoning: requests without tools use the judge's model, with its
    thinking if `stream_think` · moe_orchestrated: those use the fleet, staffed by `expert_template_id` if set.

    Requests with tools always use `tool_model`. `accepted_models` are the model ids of the profile, empty for those of
    CLAUDE_CODE_MODELS; bounds are tokens, 0 for none, `context_window` bounds prompt and answer together; `default`:
    for keys of the tenant without a profile.
    """

    id: TemplateId
    name: Annotated[str, Field(min_length=1, max_length=120)]
    description: Annotated[str, Field(max_length=2000)] = ""
    moe_mode: ProfileMode = "moe_orchestrated"
    tool_model: ModelName = ""
    tool_endpoint: Annotated[str, Field(max_length=200)] = ""
    expert_template_id: Annotated[str, Field(max_length=64)] = ""
    accepted_models: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = ()
    system_prompt_prefix: Prompt = ""
    stream_think: bool = True
    tool_max_tokens: Tokens = 0
    reasoning_max_tokens: Tokens = 0
    context_window: Tokens = 0
    tool_choice: ToolChoice = "auto"
    enabled: bool = True
    default: bool = False
