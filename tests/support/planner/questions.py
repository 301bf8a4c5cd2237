"""Questions and dependencies for the tests of the planner."""

import json
from dataclasses import replace

from libs.adapters.files.prompts import read_prompts
from libs.contracts.envelope import Envelope
from libs.contracts.plan import ToolCall
from libs.contracts.question import Question, QuestionAsked
from libs.contracts.staffing import ModelRef
from libs.core.ids import new_response_id
from libs.testing.fake_llm import Answer, FakeLLM
from services.planner.domain.offer import Capabilities
from services.planner.handlers import Deps
from services.planner.tools import SHORTLIST

NOW, DEADLINE = 1_000.0, 1_300.0
PLANNER = ModelRef(model="phi4:14b", server="gpu-1")
TEMPLATE = read_prompts("services.planner")["planner"]
RESPONSE = new_response_id(1, NOW)
QUESTION = Question(text="Compare pools and queues, and what is 15 % of 119.99?")
CAPABILITIES = Capabilities()


class StoppedClock:
    """Clock that always returns NOW."""

    def now(self) -> float:
        return NOW

    def monotonic(self) -> float:
        return NOW


def asked(question: Question = QUESTION) -> QuestionAsked:
    envelope = Envelope("e1", RESPONSE, "acme", "c0", DEADLINE, "question-asked.v1", "00-1-2-01")
    return QuestionAsked(question=question).bound(envelope)


def deps(
    llm: FakeLLM, capabilities: Capabilities = CAPABILITIES, recognised: tuple[ToolCall, ...] | None = None
) -> Deps:
    return Deps(
        llm=llm,
        planner=PLANNER,
        capabilities=capabilities,
        template=TEMPLATE,
        recognise=lambda _: recognised,
        shortlist=SHORTLIST.fitting,
        clock=StoppedClock(),
        timeout_s=300,
    )


def small(capabilities: Capabilities = CAPABILITIES) -> Capabilities:
    return replace(capabilities, planner_is_small=True, small=frozenset({"general"}))


def task(text: str, category: str = "science", **more: object) -> dict[str, object]:
    return {"task": text, "category": category, **more}


def tool_task(expression: str = "15 % of 119.99", text: str = "Compute 15 % of 119.99") -> dict[str, object]:
    return task(text, "precision_tools", mcp_tool="calculate", mcp_args={"expression": expression})


def plan(*tasks: object) -> str:
    return json.dumps({"tasks": tasks})


def broken_off(text: str) -> Answer:
    return Answer(text, finish_reason="length")
