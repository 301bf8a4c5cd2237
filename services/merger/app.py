"""Assembles the merger."""

from functools import partial

from libs.adapters.model_servers import read_models
from libs.adapters.prompt_files import read_prompts
from libs.adapters.valkey_deltas import ValkeyDeltaWriter
from libs.contracts.answer import AnswerDrafted, AnswerFinished, MergeAnswer
from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.records import KnowledgeOffered, RequestLogged
from libs.contracts.tool import RunTool
from libs.contracts.topics import PROGRESS
from libs.runtime.fold import Join
from libs.runtime.service import Service
from services.merger.domain import advance, due_at
from services.merger.domain.judge_prompt import JudgePrompt
from services.merger.handlers import Deps, merge_answer
from services.merger.settings import Settings

SAYS = (AskExpertT1, AskExpertT2, RunTool, MergeAnswer, AnswerDrafted, AnswerFinished, RequestLogged, KnowledgeOffered)


def build(settings: Settings | None = None) -> Service:
    """Return the service. Raises ConfigurationError."""
    settings = settings or Settings.read()
    models = read_models(settings)
    deltas = ValkeyDeltaWriter(settings.redis_url)
    prompt = JudgePrompt(read_prompts("services.merger"), settings.max_expert_output_chars)
    deps = Deps(models.llm, deltas, models.catalogue.judge, prompt, settings.judge_timeout_s)
    join = Join(PROGRESS, partial(advance, offer_above=settings.cache_min_response_len), due_at, deltas)
    return Service(
        "merger", deps=deps, handlers=(merge_answer,), joins=(join,), says=SAYS, resources=(models.llm, deltas)
    )
