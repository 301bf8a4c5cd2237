"""Which messages tell of model calls."""

from libs.contracts.answer import AnswerDrafted, AnswerFinished
from libs.contracts.expert import AskExpertT2
from libs.contracts.message import Message
from libs.contracts.model_call import ModelCall
from libs.contracts.progress import CallsMade, PartCompleted, PlanDrafted


def reported_calls(message: Message) -> tuple[ModelCall, ...]:
    """Return the calls that a message tells of. A command hands them on: whoever ends it tells of them again."""
    match message:
        case PlanDrafted() | AnswerDrafted() | AnswerFinished() | CallsMade():
            return message.calls
        case PartCompleted(finding=finding) | AskExpertT2(first=finding) if finding is not None:
            return finding.calls
        case _:
            return ()
