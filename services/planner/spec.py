"""Declares the planner."""

from libs.contracts.part_sources import PLANNED_COMMANDS
from libs.contracts.progress import CallsMade
from libs.runtime.settings.model_catalogue import read_catalogue
from libs.runtime.spec import Needs, Ports, Prompts, ServiceSpec, model_concurrency
from services.planner.handlers import Deps, draft_plan
from services.planner.settings import Settings
from services.planner.tools import SHORTLIST, capabilities_of, recognised_calls


def make_deps(settings: Settings, prompts: Prompts, ports: Ports) -> Deps:
    catalogue = read_catalogue(settings)
    return Deps(
        llm=ports.llm,
        planner=catalogue.planner,
        capabilities=capabilities_of(catalogue, settings.served_tools()),
        template=prompts["planner"],
        recognise=recognised_calls,
        shortlist=SHORTLIST.fitting,
        clock=ports.clock,
        timeout_s=settings.planner_timeout_s,
    )


SPEC = ServiceSpec(
    name="planner",
    settings=Settings,
    deps=make_deps,
    handlers=(draft_plan,),
    publishes=(*PLANNED_COMMANDS, CallsMade),
    needs=Needs(llm=True),
    concurrency=model_concurrency,
)
