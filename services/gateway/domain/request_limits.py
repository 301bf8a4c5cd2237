"""Limits of every request: durations, sizes, history."""

from dataclasses import dataclass, field

from services.gateway.domain.body.feedback import FeedbackPolicy
from services.gateway.domain.question.fleet_question import Limits

MAX_BODY_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class RequestLimits:
    """Limits of requests. `*_s` are seconds; `late_s` is the wait for the fleet's own end after the deadline.

    `settle_s` is the wait for the end after a cancellation. `lookup_timeout_s` bounds the look-up of a response.
    """

    limits: Limits = field(default_factory=Limits)
    request_timeout_s: float = 600.0
    late_s: float = 5.0
    keep_alive_s: float = 15.0
    accept_timeout_s: float = 10.0
    body_timeout_s: float = 30.0
    write_timeout_s: float = 30.0
    body_bytes: int = MAX_BODY_BYTES
    body_memory_bytes: int = 8 * MAX_BODY_BYTES
    settle_s: float = 2.0
    lookup_timeout_s: float = 5.0
    feedback: FeedbackPolicy = field(default_factory=FeedbackPolicy)
