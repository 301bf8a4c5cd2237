"""Assembles the critic."""

from collections.abc import Mapping

from libs.adapters.files.prompts import read_prompts
from libs.adapters.models.access import read_models
from libs.contracts.progress import CallsMade
from libs.core.clock import Clock, RecordedClock, SystemClock
from libs.ports.llm import LLM
from libs.runtime.process.description import describe
from libs.runtime.service import Service
from services.critic.handlers import Deps, check_answer
from services.critic.settings import Settings


def build(settings: Settings | None = None) -> Service:
    """Raises ConfigurationError."""
    settings = settings or Settings.read()
    llm, prompts = read_models(settings).llm, read_prompts("services.critic")
    deps = make_deps(settings, prompts, llm, RecordedClock(SystemClock()))
    return Service(
        "critic",
        deps=deps,
        handlers=(check_answer,),
        publishes=(CallsMade,),
        resources=(llm,),
        described=describe("critic", settings, prompts),
        concurrency=settings.max_concurrent_commands,
    )


def make_deps(settings: Settings, prompts: Mapping[str, str], llm: LLM, clock: Clock) -> Deps:
    judge = read_models(settings).catalogue.judge
    return Deps(llm, judge, prompts["critic"], clock, settings.judge_timeout_s)
