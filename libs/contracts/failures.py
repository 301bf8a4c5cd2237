"""Final messages of a stage that gives up on a message: the request, or the part, still ends."""

from libs.contracts.answer import AnswerDrafted, AnswerFinished, Failure, MergeAnswer, Outcome
from libs.contracts.expert import AskExpert, AskExpertT2
from libs.contracts.message import Message, PartMessage
from libs.contracts.model_call import Usage
from libs.contracts.part_sources import EXPERT, source_of_command
from libs.contracts.progress import PartCompleted
from libs.core.errors import Expired


def failure_of(message: Message, failure: Failure) -> Message:
    """The final message of the work that `message` requested.

    A part ends as failed and the answer is made from the others; a failed second tier keeps the finding of the first;
    anything else ends the request with the usage so far.
    """
    match message:
        case AskExpertT2(first=first) if first is not None:
            return _expert_ended(message).model_copy(update={"finding": first}).after(message)
        case AskExpert():
            return _expert_ended(message).model_copy(update={"failure": failure}).after(message)
        case PartMessage(part=part) if (source := source_of_command(message)) is not None:
            return PartCompleted(part=part, part_kind=source.kind, failure=failure).after(message)
        case MergeAnswer(spent=spent):
            return _ended(failure, spent).after(message)
        case AnswerDrafted(spent=spent, calls=calls):
            return _ended(failure, spent).model_copy(update={"calls": calls}).after(message)
        case _:
            return _ended(failure, Usage()).after(message)


def _ended(failure: Failure, usage: Usage) -> AnswerFinished:
    outcome: Outcome = "expired" if failure.code == Expired.code else "failed"
    return AnswerFinished(outcome=outcome, failure=failure, usage=usage)


def _expert_ended(command: AskExpert) -> PartCompleted:
    return PartCompleted(part=command.part, part_kind=EXPERT.kind, category=command.category)
