"""Assembles the merger."""

from collections.abc import Mapping
from functools import partial

from libs.adapters.files.prompts import read_prompts
from libs.adapters.models.access import read_models
from libs.adapters.valkey.deltas import ValkeyDeltaWriter
from libs.contracts.answer import AnswerFinished
from libs.contracts.catalogue import COMMANDS
from libs.contracts.message import Message
from libs.contracts.progress import CallsMade
from libs.contracts.records import CallsLogged, KnowledgeOffered, RequestLogged
from libs.contracts.topics import PROGRESS, RETRY_TOPICS
from libs.core.nonces import new_nonce
from libs.ports.deltas import DeltaWriter
from libs.ports.llm import LLM
from libs.ports.reducer import Join, LateEvents
from libs.runtime.process.description import describe
from libs.runtime.service import Service
from services.merger.domain import Request, advance, due_at, on_late_fact, reported_call_ids
from services.merger.domain.judge_prompt import JudgePrompt
from services.merger.handlers import Deps, merge_answer
from services.merger.settings import Settings
from services.merger.trace_handler import write_trace

_RECORDS = (RequestLogged, CallsLogged, KnowledgeOffered)
PUBLISHES: tuple[type[Message], ...] = (*COMMANDS, AnswerFinished, CallsMade, *_RECORDS)


def build(settings: Settings | None = None) -> Service:
    """Raises ConfigurationError."""
    settings = settings or Settings.read()
    llm, prompts = read_models(settings).llm, read_prompts("services.merger")
    deltas = ValkeyDeltaWriter(settings.redis_url)
    return Service(
        "merger",
        deps=make_deps(settings, prompts, llm, deltas),
        handlers=(merge_answer, write_trace),
        joins=(join_of(settings, deltas),),
        relays=RETRY_TOPICS,
        publishes=PUBLISHES,
        resources=(llm, deltas),
        described=describe("merger", settings, prompts),
        concurrency=settings.max_concurrent_commands,
    )


def make_deps(settings: Settings, prompts: Mapping[str, str], llm: LLM, deltas: DeltaWriter) -> Deps:
    prompt = JudgePrompt(prompts, settings.max_expert_output_chars)
    return Deps(llm, deltas, read_models(settings).catalogue.judge, prompt, settings.judge_timeout_s, new_nonce)


def join_of(settings: Settings, deltas: DeltaWriter) -> Join[Request]:
    """Build the join that consumes all of PROGRESS."""
    advancing = partial(advance, offer_above=settings.cache_min_response_len)
    return Join(PROGRESS, advancing, due_at, deltas, late=LateEvents(reported_call_ids, on_late_fact))
