"""Declares the critic."""

from libs.contracts.progress import CallsMade
from libs.runtime.settings.model_catalogue import read_catalogue
from libs.runtime.spec import Needs, Ports, Prompts, ServiceSpec, model_concurrency
from services.critic.handlers import Deps, check_answer
from services.critic.settings import Settings


def make_deps(settings: Settings, prompts: Prompts, ports: Ports) -> Deps:
    judge = read_catalogue(settings).judge
    return Deps(ports.llm, judge, prompts["critic"], ports.clock, settings.judge_timeout_s)


SPEC = ServiceSpec(
    name="critic",
    settings=Settings,
    deps=make_deps,
    handlers=(check_answer,),
    publishes=(CallsMade,),
    needs=Needs(llm=True),
    concurrency=model_concurrency,
)
