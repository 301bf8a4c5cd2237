"""Assembles the planner."""

from libs.adapters.model_servers import read_models
from libs.adapters.prompt_files import read_prompts
from libs.core.clock import RecordedClock, SystemClock
from libs.runtime.service import Service
from services.planner.equipment import recognised_calls, roster_of
from services.planner.handlers import Deps, draft_plan
from services.planner.settings import Settings


def build(settings: Settings | None = None) -> Service:
    """Return the service. Raises ConfigurationError."""
    settings = settings or Settings.read()
    models = read_models(settings)
    deps = Deps(
        llm=models.llm,
        planner=models.catalogue.planner,
        roster=roster_of(models.catalogue),
        template=read_prompts("services.planner")["planner"],
        recognise=recognised_calls,
        clock=RecordedClock(SystemClock()),
        timeout_s=settings.planner_timeout_s,
    )
    return Service("planner", deps=deps, handlers=(draft_plan,), resources=(models.llm,))
