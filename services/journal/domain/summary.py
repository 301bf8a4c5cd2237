"""One-line summary of a record, and the model calls that it reports."""

from dataclasses import dataclass

from pydantic import ValidationError

from libs.contracts.answer import AnswerDrafted, AnswerFinished, Failure, MergeAnswer, WriteTrace
from libs.contracts.audit import AuditRecorded
from libs.contracts.catalogue import message_type
from libs.contracts.checkpoint import ChainCheckpointed
from libs.contracts.dead_letter import DeadLettered, DeadLetterSettled
from libs.contracts.direct import DirectCancelled, DirectOpened
from libs.contracts.expert import AskExpert
from libs.contracts.finding import Finding
from libs.contracts.message import Message
from libs.contracts.model_call import ModelCall, total_usage
from libs.contracts.plan import PlannedPart
from libs.contracts.progress import (
    CallsMade,
    CandidateOpened,
    PartCompleted,
    PlanDrafted,
    RequestCancelled,
    RequestOpened,
    RequestRestored,
)
from libs.contracts.question import QuestionAsked
from libs.contracts.records import CallsLogged, FeedbackGiven, KnowledgeOffered, RequestLogged
from libs.contracts.reply_partition import ReplyPartitionTaken
from libs.contracts.stage import StageDescribed
from libs.contracts.tool import RunTool
from libs.core.text import capped
from libs.ports.journal import JournalEntry

_TEXT_LIMIT = 72


@dataclass(frozen=True, slots=True)
class Summary:
    """`part` is empty for a message about the whole response; `calls` are those that led to it."""

    text: str
    part: str = ""
    calls: tuple[ModelCall, ...] = ()


def summary_of(entry: JournalEntry) -> Summary:
    """The summary of an entry. Never raises: the summary of an unreadable body states the reason."""
    schema = entry.claims.schema
    contract = message_type(schema) if schema is not None else None
    if contract is None:
        return Summary(f"{'unknown schema' if schema else 'no schema'}, {len(entry.payload)} bytes")
    try:
        message = contract.model_validate_json(entry.payload)
    except ValidationError as error:
        reason = error.errors(include_url=False, include_input=False)[0]["msg"]
        return Summary(_flat(f"unreadable, {len(entry.payload)} bytes: {capped(reason, _TEXT_LIMIT)}"))
    return Summary(_flat(_text_of(message)), _flat(message.part_id), _calls(message))


def _text_of(message: Message) -> str:
    match message:
        case RequestOpened():
            return f"{_quoted(message.question.text)} model={message.model}"
        case QuestionAsked():
            return _quoted(message.question.text)
        case PlanDrafted():
            return f"plan by {message.source}: {', '.join(map(_planned, message.parts))}{_noted(message.note)}"
        case AskExpert() | RunTool():
            return _command_text(message)
        case CandidateOpened():
            return f"candidate, confidence {message.confidence}"
        case PartCompleted():
            return _ended(message.finding, message.failure)
        case _:
            return _text_of_answer(message)


def _text_of_answer(message: Message) -> str:
    match message:
        case MergeAnswer() | WriteTrace():
            missing = f", {len(message.missing)} missing" if message.missing else ""
            return f"{len(message.results)} results{missing}"
        case AnswerDrafted():
            return f"draft for the critic ({', '.join(message.categories)}): {_quoted(message.text)}"
        case AnswerFinished(failure=failure):
            return f"{message.outcome}: {_failed(failure) if failure else _quoted(message.text)}"
        case RequestCancelled() | DirectCancelled():
            return f"cancelled: {capped(message.reason, _TEXT_LIMIT)}"
        case CallsMade() | CallsLogged():
            return _spent(message.calls)
        case RequestRestored():
            return f"restored, time {message.times}, {'with' if message.planned else 'without'} a plan"
        case _:
            return _text_of_record(message)


def _text_of_record(message: Message) -> str:
    match message:
        case RequestLogged(call=call):
            by = f" by {call.model}@{call.server} ({message.why})" if call is not None else ""
            return f"{message.outcome}{by}: {_quoted(message.answer)}"
        case KnowledgeOffered():
            return f"{message.knowledge_type} knowledge on {message.domain} from {message.source_expert}"
        case FeedbackGiven():
            return f"rated {message.rating}{', corrected' if message.correction else ''}"
        case _:
            return _text_of_fleet(message)


def _text_of_fleet(message: Message) -> str:
    match message:
        case DeadLettered():
            return f"dead letter of {message.stage}, {message.record.topic}: {_because(message.error, message.message)}"
        case DeadLetterSettled():
            return f"{message.action} by {message.operator}"
        case AuditRecorded():
            return f"{message.action} {message.target} by {message.actor}{_noted(message.reason)}"
        case ChainCheckpointed():
            return f"chain of {message.chain} sealed up to {message.sequence}"
        case StageDescribed():
            return f"{message.stage} {message.code_version}, {len(message.prompts)} prompts"
        case ReplyPartitionTaken():
            return f"taken by {message.instance}"
        case DirectOpened():
            return f"one model is asked in the background, model={message.model}"
        case _:
            return ""


def _because(code: str, text: str) -> str:
    return f"{code}: {capped(text, _TEXT_LIMIT)}"


def _planned(part: PlannedPart) -> str:
    what = part.call.tool if part.call is not None else f"{part.category or 'no category'} {part.tier}"
    return f"{part.id}={what}" if part.model is None else f"{part.id}={what} {part.model.model}@{part.model.server}"


def _command_text(message: AskExpert | RunTool) -> str:
    if isinstance(message, AskExpert):
        return f"{message.category}: {_quoted(message.task)}"
    arguments = ", ".join(f"{name}={value}" for name, value in message.call.arguments.items())
    return f"{message.call.tool}({capped(arguments, _TEXT_LIMIT)})"


def _ended(finding: Finding | None, failure: Failure | None) -> str:
    if finding is None:
        return _failed(failure) if failure is not None else "ended without a finding"
    said = (
        f"{finding.source or 'finding'}, confidence {finding.confidence}: {_quoted(finding.headline or finding.text)}"
    )
    return f"{said}; {_failed(failure)}" if failure is not None else said


def _calls(message: Message) -> tuple[ModelCall, ...]:
    match message:
        case PlanDrafted() | AnswerDrafted() | AnswerFinished() | CallsMade() | CallsLogged():
            return message.calls
        case PartCompleted(finding=finding) if finding is not None:
            return finding.calls
        case RequestLogged(call=call) if call is not None:
            return (call,)
        case _:
            return ()


def _spent(calls: tuple[ModelCall, ...]) -> str:
    usage = total_usage(calls)
    return f"calls: {len(calls)}, tokens: {usage.prompt_tokens} + {usage.completion_tokens}"


def _failed(failure: Failure) -> str:
    return f"failed ({failure.code}): {capped(failure.message, _TEXT_LIMIT)}"


def _noted(note: str) -> str:
    return f" ({capped(note, _TEXT_LIMIT)})" if note else ""


def _quoted(text: str) -> str:
    return f'"{capped(text, _TEXT_LIMIT)}"'


def _flat(text: str) -> str:
    """One line without control characters, which could steer the terminal that shows it."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
