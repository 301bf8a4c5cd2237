"""Assembles the planner."""

from collections.abc import Mapping

from libs.adapters.files.prompts import read_prompts
from libs.adapters.models.access import read_models
from libs.contracts.progress import CallsMade
from libs.core.clock import Clock, RecordedClock, SystemClock
from libs.ports.llm import LLM
from libs.runtime.process.description import describe
from libs.runtime.service import Service
from services.planner.handlers import Deps, draft_plan
from services.planner.settings import Settings
from services.planner.tools import SHORTLIST, capabilities_of, recognised_calls


def build(settings: Settings | None = None) -> Service:
    """Raises ConfigurationError."""
    settings = settings or Settings.read()
    llm, prompts = read_models(settings).llm, read_prompts("services.planner")
    return Service(
        "planner",
        deps=make_deps(settings, prompts, llm, RecordedClock(SystemClock())),
        handlers=(draft_plan,),
        publishes=(CallsMade,),
        resources=(llm,),
        described=describe("planner", settings, prompts),
        concurrency=settings.max_concurrent_commands,
    )


def make_deps(settings: Settings, prompts: Mapping[str, str], llm: LLM, clock: Clock) -> Deps:
    catalogue = read_models(settings).catalogue
    return Deps(
        llm=llm,
        planner=catalogue.planner,
        capabilities=capabilities_of(catalogue, settings.served_tools()),
        template=prompts["planner"],
        recognise=recognised_calls,
        shortlist=SHORTLIST.fitting,
        clock=clock,
        timeout_s=settings.planner_timeout_s,
    )
