"""One-line summary of a record, and the model calls that it reports."""

from dataclasses import dataclass

from pydantic import ValidationError

from libs.contracts.answer import AnswerDrafted, AnswerFinished
from libs.contracts.catalogue import message_type
from libs.contracts.message import Message
from libs.contracts.model_call import ModelCall
from libs.contracts.progress import CallsMade, PartCompleted, PlanDrafted
from libs.contracts.records import CallsLogged, RequestLogged
from libs.contracts.summaries import TEXT_LIMIT
from libs.core.text import capped
from libs.ports.journal import JournalEntry


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
        return Summary(_flat(f"unreadable, {len(entry.payload)} bytes: {capped(reason, TEXT_LIMIT)}"))
    return Summary(_flat(message.summary()), _flat(message.part_id), _calls(message))


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


def _flat(text: str) -> str:
    """One line without control characters, which could steer the terminal that shows it."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
