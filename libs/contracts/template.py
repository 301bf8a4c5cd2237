"""Expert templates: models, prompts and bounds for the requests that name one."""

from typing import Annotated, Literal

from pydantic import Field

from libs.contracts.finding import Category
from libs.contracts.message import Value

MAX_TEMPLATE_BYTES = 64_000  # every request that names it carries it
TierRole = Literal["primary", "fallback", "always"]
MAX_ALWAYS = 3  # each of them adds a call to every task of the category
TemplateId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
# `model` or `model@server`; the server is a name of INFERENCE_SERVERS, by default the first one.
ModelName = Annotated[str, Field(max_length=200, pattern=r"^[^@\s][^@]*(@[^@\s]+)?$|^$")]
Prompt = Annotated[str, Field(max_length=20_000)]
Tokens = Annotated[int, Field(ge=0, le=10_000_000)]
Bound = Annotated[int, Field(ge=-1, le=1_000_000)]


class TemplateModel(Value):
    """One model of an expert. `primary` is asked first, `fallback` where that one is not sure, `always` besides, for an
    opinion of its own; without a role the size in the model's name decides."""

    model: Annotated[str, Field(min_length=1, max_length=200)]
    endpoint: Annotated[str, Field(max_length=200)] = ""
    role: TierRole | None = None


class TemplateExpert(Value):
    """One category. An empty prompt and no models mean the configured ones; 0 leaves out a bound in tokens."""

    system_prompt: Prompt = ""
    models: tuple[TemplateModel, ...] = ()
    mcp_tools: tuple[str, ...] = ()
    context_window: Tokens = 0
    max_tokens: Tokens = 0


class ExpertTemplate(Value):
    """A template as it is imported and exported. Empty fields mean the configured defaults.

    Without `experts` all categories exist. `tool_model` answers requests with tools; `tool_prompt` precedes them.
    `force_think`: the judge weighs the results in a step of its own before it writes the answer. `history_*`: 0 for the
    default, -1 without a bound. `max_tokens` bounds an answer, `*_context_window` prompt and answer together, in
    tokens; 0: no bound.
    """

    id: TemplateId
    name: Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^@/\x00-\x1f]+$")]
    description: Annotated[str, Field(max_length=2000)] = ""
    planner_prompt: Prompt = ""
    planner_model: ModelName = ""
    planner_context_window: Tokens = 0
    judge_prompt: Prompt = ""
    judge_model: ModelName = ""
    judge_context_window: Tokens = 0
    tool_prompt: Prompt = ""
    tool_model: ModelName = ""
    tool_context_window: Tokens = 0
    experts: dict[Category, TemplateExpert] = Field(default_factory=dict)
    enable_cache: bool = True
    force_think: bool = False
    history_max_turns: Bound = 0
    history_max_chars: Bound = 0
    max_tokens: Tokens = 0
