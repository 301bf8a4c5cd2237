"""Model calls reported by messages."""

from libs.contracts.answer import AnswerDrafted, AnswerFinished
from libs.contracts.expert import AskExpertT2
from libs.contracts.message import Message
from libs.contracts.model_call import ModelCall
from libs.contracts.progress import CallsMade, PartCompleted, PlanDrafted


def reported_calls(message: Message) -> tuple[ModelCall, ...]:
    """A command passes its calls on: the message that ends it reports them again."""
    match message:
        case PlanDrafted() | AnswerDrafted() | AnswerFinished() | CallsMade():
            return message.calls
        case PartCompleted(finding=finding) | AskExpertT2(first=finding) if finding is not None:
            return finding.calls
        case _:
            return ()
