"""The stages with ports that answer at once: what is left is our own work and the broker's."""

import json
from collections.abc import AsyncGenerator
from dataclasses import replace

from libs.ports.deltas import Delta
from libs.ports.llm import Completion, ModelRequest, TextDelta, TokenUsage
from libs.runtime.service import Service
from moe.generate.wiring import PLACEHOLDERS
from moe.registry import build_service
from services.critic.handlers import Deps as CriticDeps
from services.expert_worker.expert_call import Deps as ExpertDeps
from services.merger.handlers import Deps as MergerDeps
from services.planner.handlers import Deps as PlannerDeps

SENTENCE = "Bounded pools keep the waiting time short and give operators one number to watch. "
CATEGORIES = ("medical_consult", "general", "science", "technical_support")
ANSWERS = {
    "judge": SENTENCE * 6,
    "critic": "CONFIRMED",
    "expert": f"KEY_MESSAGE: Bounded pools.\nCONFIDENCE: medium\nDETAILS: {SENTENCE * 6}",
}
STAGES = ("planner", "expert-worker", "merger", "critic")


def plan_of(tasks: int) -> str:
    """Return a plan that needs the critic, for one expert or for several."""
    return json.dumps({"tasks": [{"task": f"Explain {c} in depth", "category": c} for c in CATEGORIES[:tasks]]})


class NullModel:
    """Port `LLM` without a model: the text follows from the first line of the system prompt."""

    def __init__(self, tasks: int) -> None:
        self._texts = ANSWERS | {"planner": plan_of(tasks)}

    async def complete(self, request: ModelRequest) -> Completion:
        first_line = request.messages[0].content.partition("\n")[0]
        stage = next((name for name in ("planner", "judge", "critic") if f"the {name} of" in first_line), "expert")
        return Completion(self._texts[stage], "stop", TokenUsage(100, 50), request.ref.model, 0.0)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[TextDelta | Completion, None]:
        completion = await self.complete(request)
        yield TextDelta(completion.text)
        yield completion


class NullDeltas:
    """Port `DeltaWriter` that forgets."""

    async def append(self, response_id: str, delta: Delta) -> None:
        """Take an entry and drop it."""


def null_stages(tasks: int, model: NullModel | None = None) -> list[Service]:
    """Return planner, expert-worker, merger and critic, each without an outside; every plan has so many tasks."""
    return [_silenced(build_service(name, PLACEHOLDERS), model or NullModel(tasks)) for name in STAGES]


def _silenced(service: Service, model: NullModel) -> Service:
    deltas = NullDeltas()
    joins = tuple(replace(join, deltas=deltas) for join in service.joins)
    match service.deps:
        case PlannerDeps() | CriticDeps() as deps:
            return replace(service, deps=replace(deps, llm=model), joins=joins, resources=())
        case ExpertDeps() | MergerDeps() as deps:
            return replace(service, deps=replace(deps, llm=model, deltas=deltas), joins=joins, resources=())
    raise TypeError(f"{service.name} has dependencies that this benchmark does not know")
