"""The list of all messages and topics, from which wiring, schemas, topic plans and tests are derived."""

from libs.contracts.answer import AnswerDrafted, AnswerFinished, MergeAnswer, WriteTrace
from libs.contracts.audit import AuditRecorded
from libs.contracts.checkpoint import ChainCheckpointed
from libs.contracts.dead_letter import DeadLettered, DeadLetterSettled
from libs.contracts.direct import DirectCancelled, DirectOpened
from libs.contracts.message import Message
from libs.contracts.part_sources import PLANNED_COMMANDS
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
from libs.contracts.topics import PROGRESS, RETRY_TOPICS, Topic

MESSAGES: tuple[type[Message], ...] = (
    RequestOpened,
    QuestionAsked,
    PlanDrafted,
    *PLANNED_COMMANDS,
    CandidateOpened,
    PartCompleted,
    CallsMade,
    WriteTrace,
    MergeAnswer,
    AnswerDrafted,
    RequestCancelled,
    RequestRestored,
    AnswerFinished,
    DirectOpened,
    DirectCancelled,
    ReplyPartitionTaken,
    RequestLogged,
    CallsLogged,
    KnowledgeOffered,
    FeedbackGiven,
    DeadLettered,
    DeadLetterSettled,
    AuditRecorded,
    ChainCheckpointed,
    StageDescribed,
)
COMMANDS: tuple[type[Message], ...] = (
    QuestionAsked,
    *PLANNED_COMMANDS,
    WriteTrace,
    MergeAnswer,
    AnswerDrafted,
)
JOINED: tuple[Topic, ...] = (PROGRESS,)
TOPICS: tuple[Topic, ...] = (
    *dict.fromkeys(topic for message in MESSAGES for topic in message.topics),
    *RETRY_TOPICS,
)
_BY_SCHEMA = {message.schema_name(): message for message in MESSAGES}
_BY_TOPIC = {topic.name: frozenset(m for m in MESSAGES if topic in m.topics) for topic in TOPICS} | {
    topic.name: frozenset(COMMANDS) for topic in RETRY_TOPICS
}


def messages_of(topic: Topic) -> frozenset[type[Message]]:
    """Messages allowed on a topic; commands may wait on the retry topics for another attempt."""
    return _BY_TOPIC[topic.name]


def may_stand_on(message: type[Message], topic_name: str) -> bool:
    """Whether a message is allowed on a topic."""
    return message in _BY_TOPIC.get(topic_name, frozenset())


def is_command_topic(topic_name: str) -> bool:
    """Whether a topic carries commands only."""
    return not _BY_TOPIC.get(topic_name, frozenset(MESSAGES)) - frozenset(COMMANDS)


def has_group(topic: Topic) -> bool:
    """Whether a service consumes a topic in a group and is responsible for every record of it.

    These are commands, each with exactly one service, and the topics of a join; a test compares them with the wiring.
    The journal is responsible for the other topics, which only tails and sinks read.
    """
    return is_command_topic(topic.name) or topic in JOINED


def message_type(schema: str) -> type[Message] | None:
    """Message class of a schema name such as `part-completed.v1`. None for an unknown one."""
    return _BY_SCHEMA.get(schema)
