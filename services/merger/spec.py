"""Declares the merger."""

from functools import partial

from libs.contracts.answer import AnswerFinished
from libs.contracts.catalogue import COMMANDS
from libs.contracts.progress import CallsMade
from libs.contracts.records import CallsLogged, KnowledgeOffered, RequestLogged
from libs.contracts.topics import PROGRESS, RETRY_TOPICS
from libs.ports.reducer import Join, LateEvents
from libs.runtime.settings.model_catalogue import read_catalogue
from libs.runtime.spec import JoinSpec, Needs, Ports, Prompts, ServiceSpec, model_concurrency
from services.merger.domain import Request, advance, due_at, on_late_fact, reported_call_ids
from services.merger.domain.judge_prompt import JudgePrompt
from services.merger.handlers import Deps, merge_answer
from services.merger.settings import Settings
from services.merger.trace_handler import write_trace

_RECORDS = (RequestLogged, CallsLogged, KnowledgeOffered)


def make_deps(settings: Settings, prompts: Prompts, ports: Ports) -> Deps:
    prompt, judge = JudgePrompt(prompts, settings.max_expert_output_chars), read_catalogue(settings).judge
    return Deps(ports.llm, ports.deltas, judge, prompt, settings.judge_timeout_s, ports.nonce)


def join_of(settings: Settings, ports: Ports) -> Join[Request]:
    """The join that consumes all of PROGRESS."""
    advancing = partial(advance, offer_above=settings.cache_min_response_len)
    return Join(PROGRESS, advancing, due_at, ports.deltas, late=LateEvents(reported_call_ids, on_late_fact))


SPEC = ServiceSpec(
    name="merger",
    settings=Settings,
    deps=make_deps,
    handlers=(merge_answer, write_trace),
    joins=(JoinSpec(PROGRESS, join_of),),
    relays=RETRY_TOPICS,
    publishes=(*COMMANDS, AnswerFinished, CallsMade, *_RECORDS),
    needs=Needs(llm=True, valkey=True),
    concurrency=model_concurrency,
)
