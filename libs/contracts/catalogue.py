"""Every message and topic there is: the one list that wiring, schemas, topic plans and tests are made from."""

from libs.contracts.answer import AnswerDrafted, AnswerFinished, MergeAnswer
from libs.contracts.audit import AuditRecorded
from libs.contracts.dead_letter import DeadLettered, DeadLetterSettled
from libs.contracts.expert import AskExpertT1, AskExpertT2
from libs.contracts.message import Message
from libs.contracts.progress import CandidateOpened, PartCompleted, PlanDrafted, RequestCancelled, RequestOpened
from libs.contracts.question import QuestionAsked
from libs.contracts.records import KnowledgeOffered, RequestLogged
from libs.contracts.tool import RunTool
from libs.contracts.topics import Topic

MESSAGES: tuple[type[Message], ...] = (
    RequestOpened,
    QuestionAsked,
    PlanDrafted,
    AskExpertT1,
    AskExpertT2,
    RunTool,
    CandidateOpened,
    PartCompleted,
    MergeAnswer,
    AnswerDrafted,
    RequestCancelled,
    AnswerFinished,
    RequestLogged,
    KnowledgeOffered,
    DeadLettered,
    DeadLetterSettled,
    AuditRecorded,
)
COMMANDS: tuple[type[Message], ...] = (QuestionAsked, AskExpertT1, AskExpertT2, RunTool, MergeAnswer, AnswerDrafted)
TOPICS: tuple[Topic, ...] = tuple(dict.fromkeys(topic for message in MESSAGES for topic in message.topics))
_BY_SCHEMA = {message.schema_name(): message for message in MESSAGES}
_BY_TOPIC = {topic.name: frozenset(m for m in MESSAGES if topic in m.topics) for topic in TOPICS}


def messages_of(topic: Topic) -> frozenset[type[Message]]:
    """Return the messages that may stand on a topic."""
    return _BY_TOPIC[topic.name]


def message_type(schema: str) -> type[Message] | None:
    """Return the message of a schema name such as `part-completed.v1`, or None for one we do not know."""
    return _BY_SCHEMA.get(schema)
