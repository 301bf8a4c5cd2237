"""Assembles the expert-worker."""

from libs.adapters.model_servers import read_models
from libs.adapters.prompt_files import read_prompts
from libs.adapters.valkey_deltas import ValkeyDeltaWriter
from libs.core.clock import RecordedClock, SystemClock
from libs.runtime.service import Service
from services.expert_worker.answering import Deps
from services.expert_worker.domain.prompt import ExpertPrompt
from services.expert_worker.handlers import answer_t1, answer_t2
from services.expert_worker.settings import Settings


def build(settings: Settings | None = None) -> Service:
    """Return the service. Raises ConfigurationError."""
    settings = settings or Settings.read()
    models = read_models(settings)
    deltas = ValkeyDeltaWriter(settings.redis_url)
    deps = Deps(
        llm=models.llm,
        catalogue=models.catalogue,
        deltas=deltas,
        prompt=ExpertPrompt(read_prompts("services.expert_worker")),
        clock=RecordedClock(SystemClock()),
        timeout_s=settings.expert_timeout_s,
    )
    return Service("expert-worker", deps=deps, handlers=(answer_t1, answer_t2), resources=(models.llm, deltas))
