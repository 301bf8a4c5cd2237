"""Assembles the expert-worker."""

from collections.abc import Mapping

from libs.adapters.files.prompts import read_prompts
from libs.adapters.models.access import read_models
from libs.adapters.valkey.deltas import ValkeyDeltaWriter
from libs.contracts.progress import CallsMade
from libs.core.clock import RecordedClock, SystemClock
from libs.core.nonces import new_nonce
from libs.runtime.process.description import describe
from libs.runtime.service import Service
from services.expert_worker.domain.prompt import ExpertPrompt
from services.expert_worker.expert_call import Deps, Ports
from services.expert_worker.handlers import answer_t1, answer_t2
from services.expert_worker.settings import Settings


def build(settings: Settings | None = None) -> Service:
    """Raises ConfigurationError."""
    settings = settings or Settings.read()
    llm, prompts = read_models(settings).llm, read_prompts("services.expert_worker")
    deltas = ValkeyDeltaWriter(settings.redis_url)
    outside = Ports(llm, deltas, RecordedClock(SystemClock()), new_nonce)
    return Service(
        "expert-worker",
        deps=make_deps(settings, prompts, outside),
        handlers=(answer_t1, answer_t2),
        publishes=(CallsMade,),
        resources=(llm, deltas),
        described=describe("expert-worker", settings, prompts),
        concurrency=settings.max_concurrent_commands,
    )


def make_deps(settings: Settings, prompts: Mapping[str, str], ports: Ports) -> Deps:
    return Deps(
        llm=ports.llm,
        catalogue=read_models(settings).catalogue,
        deltas=ports.deltas,
        prompt=ExpertPrompt(prompts),
        clock=ports.clock,
        timeout_s=settings.expert_timeout_s,
        nonce=ports.nonce,
    )
