"""Declares the expert-worker."""

from libs.contracts.progress import CallsMade
from libs.runtime.settings.model_catalogue import read_catalogue
from libs.runtime.spec import Needs, Ports, Prompts, ServiceSpec, model_concurrency
from services.expert_worker.domain.prompt import ExpertPrompt
from services.expert_worker.expert_call import Deps
from services.expert_worker.handlers import answer_t1, answer_t2
from services.expert_worker.settings import Settings


def make_deps(settings: Settings, prompts: Prompts, ports: Ports) -> Deps:
    return Deps(
        llm=ports.llm,
        catalogue=read_catalogue(settings),
        deltas=ports.deltas,
        prompt=ExpertPrompt(prompts),
        clock=ports.clock,
        timeout_s=settings.expert_timeout_s,
        nonce=ports.nonce,
    )


SPEC = ServiceSpec(
    name="expert-worker",
    settings=Settings,
    deps=make_deps,
    handlers=(answer_t1, answer_t2),
    publishes=(CallsMade,),
    needs=Needs(llm=True, valkey=True),
    concurrency=model_concurrency,
)
