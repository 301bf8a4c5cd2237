"""What every HTTP request of this gateway needs."""

from dataclasses import dataclass, field

from libs.core.clock import Clock, SystemClock
from libs.core.credentials import Keys
from libs.ports.bus import Publisher
from libs.ports.deltas import DeltaReader
from services.gateway.desk import ReplyDesk
from services.gateway.domain.chat_request import Limits

MAX_BODY_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Rules:
    """The numbers. `*_s` are seconds; `late_s` is how long after the deadline the fleet's own end is waited for."""

    limits: Limits = field(default_factory=Limits)
    request_timeout_s: float = 600.0
    late_s: float = 5.0
    keep_alive_s: float = 15.0
    accept_timeout_s: float = 10.0
    body_timeout_s: float = 30.0
    write_timeout_s: float = 30.0
    body_bytes: int = MAX_BODY_BYTES


@dataclass(frozen=True)
class Front:
    """`reply_partition` is where the answers to this instance arrive."""

    publisher: Publisher
    deltas: DeltaReader
    desk: ReplyDesk
    keys: Keys
    reply_partition: int
    rules: Rules = field(default_factory=Rules)
    clock: Clock = field(default_factory=SystemClock)
