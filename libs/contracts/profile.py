"""Claude Code profiles: handling of requests of coding agents."""

from typing import Annotated, Literal

from pydantic import Field

from libs.contracts.message import Value
from libs.contracts.template import ModelName, Prompt, TemplateId, Tokens

ProfileMode = Literal["native", "moe_reasoning", "moe_orchestrated"]
ToolChoice = Literal["auto", "required", "any"]


class Profile(Value):
    """native: all goes to the tool model · moe_reasoning: what brings no tools goes to the judge's model, its thinking
    shown if `stream_think` · moe_orchestrated: that goes to the fleet, staffed by `expert_template_id` if given.

    Tools always go to `tool_model`. `accepted_models` are the model ids that it answers to, none for those of
    CLAUDE_CODE_MODELS; bounds are tokens, 0 for none, `context_window` that of prompt and answer together;
    `default`: for keys of the tenant that are bound to none.
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
