"""Commands, answers and dependencies for the tests of the expert-worker."""

from libs.adapters.files.prompts import read_prompts
from libs.contracts.envelope import Envelope
from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.finding import Category
from libs.contracts.question import Question
from libs.contracts.staffing import ModelRef
from libs.core.ids import new_response_id
from libs.runtime.settings.model_catalogue import ModelCatalogue
from libs.testing.fake_deltas import FakeDeltas
from libs.testing.fake_llm import FakeLLM
from services.expert_worker.domain.prompt import ExpertPrompt
from services.expert_worker.expert_call import Deps

NOW = 1_000.0
DEADLINE = NOW + 200
RESPONSE = new_response_id(1, NOW)
FAST, LARGE = ModelRef(model="phi4:14b", server="gpu-1"), ModelRef(model="qwen3:32b", server="gpu-2")
PROMPT = ExpertPrompt(read_prompts("services.expert_worker"))
DETAILS = "A pool that is bounded keeps latency steady and lets the database absorb bursts."
QUESTION = Question(text="How large should a pool be?")


class StoppedClock:
    """Clock that always returns NOW."""

    def now(self) -> float:
        return NOW

    def monotonic(self) -> float:
        return NOW


def kept(confidence: str = "high", details: str = DETAILS) -> str:
    return f"KEY_MESSAGE: Start small.\nCONFIDENCE: {confidence}\nDETAILS: {details}"


def envelope() -> Envelope:
    return Envelope("e1", RESPONSE, "acme", "c0", DEADLINE, "ask-expert-t1.v1", "00-1-2-01")


def ask_t1(
    question: Question = QUESTION,
    *,
    category: Category = "technical_support",
    candidate: bool = False,
    plain: bool = False,
) -> AskExpertT1:
    ask = AskExpertT1(
        part="p1-ab", question=question, category=category, task=question.text, candidate=candidate, plain=plain
    )
    return ask.bound(envelope())


def as_t2(ask: AskExpertT1) -> AskExpertT2:
    fields = {name: getattr(ask, name) for name in AskExpertT1.model_fields}
    return AskExpertT2.model_validate(fields).bound(envelope())


def catalogue(*, tiers: int = 2, small: bool = False) -> ModelCatalogue:
    """Catalogue in which every category has one model, or one in each tier."""
    refs = ((FAST,), (LARGE,) if tiers == 2 else ())
    categories = ("technical_support", "general", "math")
    servers = frozenset({FAST.server}) if small else frozenset()
    return ModelCatalogue(FAST, FAST, dict.fromkeys(categories, refs), servers)


def deps(llm: FakeLLM, models: ModelCatalogue | None = None, deltas: FakeDeltas | None = None) -> Deps:
    numbers = iter(range(100))
    return Deps(
        llm=llm,
        catalogue=models or catalogue(),
        deltas=deltas or FakeDeltas(),
        prompt=PROMPT,
        clock=StoppedClock(),
        timeout_s=900,
        nonce=lambda: f"{next(numbers):06x}",
    )
