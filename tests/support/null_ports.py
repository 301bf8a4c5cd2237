"""The stages with ports that answer at once: the rest is our own work and the broker's."""

import json
from collections.abc import AsyncGenerator

from libs.ports.llm import Completion, ModelRequest, TextDelta, TokenUsage
from libs.runtime.assembly import Assembly
from libs.runtime.service import Service
from libs.runtime.spec import Ports
from moe.registry import AnySpec, prompts_of, spec_of

SENTENCE = "Bounded pools keep the waiting time short and give operators one number to watch. "
CATEGORIES = ("medical_consult", "general", "science", "technical_support")
ANSWERS = {
    "judge": SENTENCE * 6,
    "critic": "CONFIRMED",
    "expert": f"KEY_MESSAGE: Bounded pools.\nCONFIDENCE: medium\nDETAILS: {SENTENCE * 6}",
}
GIVEN = {
    "REDIS_URL": "redis://127.0.0.1:9",  # nothing connects to it
    "INFERENCE_SERVERS": '[{"name":"local","url":"http://127.0.0.1:9/v1","api_type":"openai"}]',
    "JUDGE_MODEL": "placeholder:7b",
}
STAGES = ("planner", "expert-worker", "merger", "critic")


def plan_of(tasks: int) -> str:
    """Plan that needs the critic, for one expert or for several."""
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


def null_stages(tasks: int, model: NullModel | None = None) -> list[Service]:
    """Planner, expert-worker, merger and critic without outside systems; every plan has so many tasks."""
    return [_silent(spec_of(name), Ports(llm=model or NullModel(tasks))) for name in STAGES]


def _silent(spec: AnySpec, ports: Ports) -> Service:
    return Assembly().service(spec, spec.settings.read(GIVEN), prompts_of(spec.name), ports)
