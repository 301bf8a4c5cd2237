"""Durable queues and intents on local disk, on their way to the log."""

from libs.adapters.files.spool.intent_log import IntentLog
from libs.adapters.files.spool.segment import Segment, read_segment
from libs.adapters.files.spool.spool import Spool

__all__ = ["IntentLog", "Segment", "Spool", "read_segment"]
