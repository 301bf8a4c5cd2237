"""Assembles the critic."""

from libs.adapters.model_servers import read_models
from libs.adapters.prompt_files import read_prompts
from libs.core.clock import RecordedClock, SystemClock
from libs.runtime.service import Service
from services.critic.handlers import Deps, check_answer
from services.critic.settings import Settings


def build(settings: Settings | None = None) -> Service:
    """Return the service. Raises ConfigurationError."""
    settings = settings or Settings.read()
    models = read_models(settings)
    rules = read_prompts("services.critic")["critic"]
    clock = RecordedClock(SystemClock())
    deps = Deps(models.llm, models.catalogue.judge, rules, clock, settings.judge_timeout_s)
    return Service("critic", deps=deps, handlers=(check_answer,), resources=(models.llm,))
