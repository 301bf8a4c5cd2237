"""Logging with the response id in every line, and the runtime's metrics. Labels are bounded: no user, no id."""

import json
import logging
import re
import sys
from contextvars import ContextVar
from functools import cache

from prometheus_client import Counter, Gauge, Histogram

from libs.core.printable import DIRECTION_MARKS

OURS = ("libs", "services", "moe")
EVERY_S = 30.0
MOST_MESSAGES = 1000

response_id_of_task: ContextVar[str] = ContextVar("response_id_of_task", default="")

HANDLED = Counter("moe_messages_handled_total", "Messages handled", ["service", "message", "outcome"])
HANDLING_SECONDS = Histogram(
    "moe_message_handling_seconds",
    "Time from taking a message to its acknowledged outputs",
    ["service", "message"],
    buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300),
)
PUBLISHED = Counter("moe_messages_published_total", "Messages acknowledged by the broker", ["message"])
RETRIED = Counter("moe_messages_retried_total", "Attempts that ended in a retry", ["service", "message"])
DEAD_LETTERED = Counter("moe_dead_letters_total", "Records that became dead letters", ["service", "error"])
OPEN_JOINS = Gauge("moe_joins_open", "Open requests")
STUCK_WORK = Counter("moe_work_stuck_total", "Records whose handling exceeded its time limit", ["topic"])
LOOP_BLOCKED = Counter("moe_loop_blocked_total", "Handlers that blocked the event loop")
LOG_TRUNCATIONS = Counter(
    "moe_log_truncations_total", "Partitions whose log lost its end under a consumer group", ["service", "topic"]
)
RECORDS_GONE = Counter("moe_records_deleted_unread_total", "Unread offsets deleted by retention", ["service", "topic"])

# Metrics of every message are looked up once: finding a child by its labels takes a lock and 1.5 microseconds.
handled = cache(HANDLED.labels)
handling_seconds = cache(HANDLING_SECONDS.labels)
published = cache(PUBLISHED.labels)

# They log membership changes and new or unavailable brokers, many times a second.
# The runtime's own consumer and producer report such errors; the client still logs which brokers are unreachable.
# For bytes that are no Kafka response `conn` logs a stack trace; `kafka/probe.py` reports why a connection fails.
CHATTY = ("aiokafka.conn", "aiokafka.consumer", "aiokafka.coordinator", "aiokafka.producer")


# JSON escapes C0 alone. The rest of these break a line, or reverse its direction, in a terminal or a viewer.
_UNSAFE = re.compile(rf"[\x7f-\x9f\u2028\u2029{DIRECTION_MARKS}\ud800-\udfff]")


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, response id, traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "ts": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if response_id := response_id_of_task.get():
            line["response_id"] = response_id
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return _UNSAFE.sub(_escaped, json.dumps(line, ensure_ascii=False))


class Sparse(logging.Filter):
    """Rate-limits equal messages of libraries: an unavailable broker is logged once per partition otherwise."""

    def __init__(self, every_s: float) -> None:
        super().__init__()
        self._every_s = every_s
        self._said_at: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] in OURS:
            return True
        what = (record.name, str(record.msg))
        if record.created - self._said_at.get(what, -self._every_s) < self._every_s:
            return False
        if len(self._said_at) >= MOST_MESSAGES:
            self._said_at.clear()
        self._said_at[what] = record.created
        return True


def configure_logging(level: str) -> None:
    """Log structured lines to standard error. Libraries log from WARNING on; rate-limited unless `level` is DEBUG."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    if level != "DEBUG":
        handler.addFilter(Sparse(EVERY_S))
    logging.basicConfig(level=max(logging.getLevelName(level), logging.WARNING), handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING if level == "DEBUG" else logging.CRITICAL)
