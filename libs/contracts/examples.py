"""One realistic example of every message, for documentation and tests."""

from dataclasses import replace

from libs.contracts.answer import AnswerDrafted, AnswerFinished, MergeAnswer, MissingPart, PartResult, WriteTrace
from libs.contracts.audit import AuditRecorded
from libs.contracts.checkpoint import ChainCheckpointed
from libs.contracts.dead_letter import DeadLettered, DeadLetterSettled, OriginalRecord
from libs.contracts.direct import DirectCancelled, DirectOpened
from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.finding import Finding
from libs.contracts.message import Message
from libs.contracts.model_call import BROKEN_OFF, ModelCall, Usage
from libs.contracts.origin import Origin
from libs.contracts.part_sources import PART_SOURCES
from libs.contracts.plan import PlannedPart, ToolCall
from libs.contracts.progress import (
    CallsMade,
    CandidateOpened,
    PartCompleted,
    PlanDrafted,
    RequestCancelled,
    RequestOpened,
    RequestRestored,
)
from libs.contracts.question import Question, QuestionAsked, Turn
from libs.contracts.records import CallsLogged, FeedbackGiven, KnowledgeOffered, RequestLogged
from libs.contracts.reply_partition import ReplyPartitionTaken
from libs.contracts.stage import StageDescribed
from libs.contracts.tool import RunTool
from libs.core.chain import Checkpoint
from libs.core.ids import SYSTEM_TENANT

_RESPONSE_ID = "chatcmpl-0193a7c8-6d40-8003-9c1e-5f2a7b3d4e60"
_ASKED_AT = 1_732_200_000.0
_TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
_ORIGIN = Origin(_RESPONSE_ID, "acme", deadline_at=_ASKED_AT + 600, trace=_TRACE)

_QUESTION = Question(
    text="Which subnet mask does 172.20.128.0/19 have, and when would I choose a /19?",
    history=(Turn(speaker="user", text="I plan an office network."), Turn(speaker="assistant", text="How many hosts?")),
)
_CALL = ModelCall(
    stage="planner",
    model="phi4:14b",
    server="local",
    prompt_sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    usage=Usage(prompt_tokens=612, completion_tokens=87),
    duration_ms=840,
    finish_reason="stop",
    id="4be10a77c2f3d958",
)
_BROKEN_OFF = _CALL.model_copy(
    update={
        "stage": "judge",
        "usage": Usage(prompt_tokens=1204, completion_tokens=31),
        "finish_reason": BROKEN_OFF,
        "usage_estimated": True,
        "id": "7d21e5f09ac4b836",
    }
)
_TOOL_CALL = ToolCall(tool="subnet_calc", arguments={"cidr": "172.20.128.0/19"}, focus="netmask")
_TOOL_PART = PlannedPart(id="p1-5d41402a", kind="tool", task="Netmask of 172.20.128.0/19", call=_TOOL_CALL)
_EXPERT_PART = PlannedPart(
    id="p2-7d793037", kind="expert", task="Explain when a /19 is chosen", category="technical_support"
)
_TOOL_FINDING = Finding(text="The netmask is 255.255.224.0.", confidence="high", source="subnet_calc")
_TOOL_RESULT = PartResult(part=_TOOL_PART.id, kind="tool", task=_TOOL_PART.task, category=None, finding=_TOOL_FINDING)
_EXPERT_FINDING = Finding(
    text="A /19 holds 8190 hosts. Choose it when several thousand devices share one broadcast domain.",
    headline="A /19 fits several thousand devices.",
    confidence="medium",
    source="deepseek-coder-v2:16b@local",
    calls=(_CALL.model_copy(update={"stage": "expert:technical_support"}),),
)
_ANSWER = "The mask is 255.255.224.0. Choose a /19 when up to 8190 hosts share one network."
_SPENT = Usage(prompt_tokens=1910, completion_tokens=433)
_OPENED = RequestOpened(question=_QUESTION, model="moe-orchestrator", accepted_at=_ASKED_AT).opening(_ORIGIN)
_DIRECT = DirectOpened(model="moe-orchestrator", accepted_at=_ASKED_AT, protocol="responses").opening(_ORIGIN)

EXAMPLES: tuple[Message, ...] = (
    _OPENED,
    QuestionAsked(question=_QUESTION).opening(_ORIGIN),
    PlanDrafted(parts=(_TOOL_PART, _EXPERT_PART), source="model", calls=(_CALL,)).after(_OPENED),
    AskExpertT1(part=_EXPERT_PART.id, question=_QUESTION, category="technical_support", task=_EXPERT_PART.task).after(
        _OPENED
    ),
    AskExpertT2(
        part=_EXPERT_PART.id,
        question=_QUESTION,
        category="technical_support",
        task=_EXPERT_PART.task,
        first=_EXPERT_FINDING,
    ).after(_OPENED),
    RunTool(part=_TOOL_PART.id, call=_TOOL_CALL).after(_OPENED),
    *(example.after(_OPENED) for source in PART_SOURCES for example in source.examples),
    CandidateOpened(part=_EXPERT_PART.id, confidence="high", stream=f"{_EXPERT_PART.id}.3fa9").after(_OPENED),
    PartCompleted(
        part=_EXPERT_PART.id, part_kind="expert", category="technical_support", finding=_EXPERT_FINDING
    ).after(_OPENED),
    WriteTrace(part="trace", question=_QUESTION, results=(_TOOL_RESULT,)).after(_OPENED),
    MergeAnswer(
        question=_QUESTION,
        results=(_TOOL_RESULT,),
        missing=(MissingPart(part=_EXPERT_PART.id, task=_EXPERT_PART.task, reason="not finished in time"),),
        spent=_SPENT,
    ).after(_OPENED),
    AnswerDrafted(
        question=_QUESTION.model_copy(update={"text": "Is ibuprofen safe together with aspirin?"}),
        text="Taken together they raise the risk of bleeding. Please see a doctor.",
        categories=("medical_consult",),
        sources=("phi4:14b@local::medical_consult",),
        spent=_SPENT,
    ).after(_OPENED),
    CallsMade(calls=(_BROKEN_OFF,)).after(_OPENED),
    RequestCancelled(reason="client disconnected").after(_OPENED),
    RequestRestored(times=1, planned=True).after(_OPENED),
    AnswerFinished(
        outcome="answered",
        text=_ANSWER,
        sources=("subnet_calc", "deepseek-coder-v2:16b@local::technical_support"),
        usage=_SPENT,
    ).after(_OPENED),
    _DIRECT,
    DirectCancelled(reason="cancelled by the client").after(_DIRECT),
    ReplyPartitionTaken(instance="9f86d081884c7d65", taken_at=_ASKED_AT - 60).opening(
        replace(_ORIGIN, tenant=SYSTEM_TENANT, trace="")
    ),
    RequestLogged(
        response_id=_RESPONSE_ID,
        input=_QUESTION.text,
        answer=_ANSWER,
        expert_models_used=("deepseek-coder-v2:16b@local::technical_support",),
        ts=_ASKED_AT + 4.2,
        usage=_SPENT,
        calls=(_CALL.id, "b2f0c41de8a97a35"),
    ).after(_OPENED),
    CallsLogged(response_id=_RESPONSE_ID, calls=(_BROKEN_OFF,)).after(_OPENED),
    KnowledgeOffered(
        input=_QUESTION.text,
        answer=_ANSWER,
        domain="technical_support",
        source_expert="technical_support",
        source_model="deepseek-coder-v2:16b@local",
        confidence="medium",
        knowledge_type="factual",
    ).after(_OPENED),
    FeedbackGiven(response_id=_RESPONSE_ID, rating=5, positive=True, ts=_ASKED_AT + 90).after(_OPENED),
    DeadLettered(
        letter="5f0c7a52-1f43-5d0e-9a52-3f6f5b8e2c11",
        record=OriginalRecord(
            topic="moe.pipeline.run-tool.v1",
            partition=3,
            offset=118,
            timestamp_ms=1_732_200_001_000,
            key="Y2hhdGNtcGwt",
            headers=(("schema", "cnVuLXRvb2wudjE="),),
            body="bm90IGpzb24=",
            body_sha256="5a1a4b1c2d3e4f5061728394a5b6c7d8e9f00112233445566778899aabbccdde",
            body_bytes=8,
        ),
        stage="mcp",
        code_version="0.1.0",
        error="malformed_message",
        error_class="MalformedMessage",
        message="run-tool.v1: 1 fields are wrong",
        first_failed_at=_ASKED_AT + 1,
        last_failed_at=_ASKED_AT + 1,
    ).after(_OPENED),
    DeadLetterSettled(
        letter="5f0c7a52-1f43-5d0e-9a52-3f6f5b8e2c11", action="replayed", operator="ops", ts=_ASKED_AT + 60
    ).after(_OPENED),
    AuditRecorded(
        action="message-rejected",
        actor="mcp",
        target="moe.pipeline.run-tool.v1/3/118",
        reason="bad_signature",
        ts=_ASKED_AT + 1,
    ).after(_OPENED),
    ChainCheckpointed.of(
        Checkpoint("acme", 1000, "5f" * 32, 1_732_200_060_000, "a1" * 32),
        "c3" * 64,
    ),
    StageDescribed(
        stage="critic",
        code_version="0.1.0+4f2c1d9a8b7e",
        settings={"JUDGE_MODEL": "magistral:24b", "JUDGE_TIMEOUT": "900.0"},
        prompts={"critic": "You check answers before anybody acts on them."},
    ).introduced(),
)
