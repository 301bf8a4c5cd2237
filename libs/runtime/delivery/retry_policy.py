"""The retry policy of commands: when the next attempt is due and on which topic it waits. Pure but for the jitter."""

import random
from dataclasses import dataclass, field

from libs.contracts.topics import RETRY_5M, RETRY_5S, RETRY_30S, Topic
from libs.runtime.delivery.backoff import JITTER, Backoff


@dataclass(frozen=True)
class RetryPolicy:
    """`waits` are the retry topics and their pauses in seconds, used in order; `max_elapsed_s` bounds all attempts.

    Five attempts at most: the first, a quick second one in place, then one after each retry topic's pause. A step is
    taken only if it ends before the message's deadline and before `max_elapsed_s`, which counts from the first attempt:
    a waiting user learns of an unavailable server after some forty seconds, not after six minutes.
    """

    attempts: int = 5
    quick: Backoff = field(default_factory=Backoff)
    waits: tuple[tuple[Topic, float], ...] = ((RETRY_5S, 5.0), (RETRY_30S, 30.0), (RETRY_5M, 300.0))
    max_elapsed_s: float = 60.0


@dataclass(frozen=True, slots=True)
class AttemptHistory:
    """The attempts at a message and the time of the first; `deadline_at` and `first_at` are Unix seconds."""

    attempts: int
    first_at: float
    deadline_at: float
    retry_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class RetryInPlace:
    """Try again in place after a pause."""

    pause_s: float


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Wait on a retry topic until `due_at`."""

    topic: Topic
    due_at: float


@dataclass(frozen=True, slots=True)
class StopRetrying:
    """No more attempts. `exhausted`: the deadline is not the cause, so an operator has to investigate."""

    exhausted: bool


RetryDecision = RetryInPlace | RetryLater | StopRetrying


def next_step(policy: RetryPolicy, history: AttemptHistory, now: float) -> RetryDecision:
    step = _planned(policy, history, now)
    due_at = (
        now + step.pause_s if isinstance(step, RetryInPlace) else step.due_at if isinstance(step, RetryLater) else now
    )
    if due_at >= history.deadline_at:
        return StopRetrying(exhausted=False)
    return StopRetrying(exhausted=True) if due_at >= history.first_at + policy.max_elapsed_s else step


def next_step_in_place(policy: RetryPolicy, attempts: int) -> RetryDecision:
    """For facts: they have no deadline and must keep their order."""
    return RetryInPlace(policy.quick.pause_s(attempts)) if attempts < policy.attempts else StopRetrying(exhausted=True)


def _planned(policy: RetryPolicy, history: AttemptHistory, now: float) -> RetryDecision:
    if history.attempts >= policy.attempts:
        return StopRetrying(exhausted=True)
    quick_s = policy.quick.pause_s(1)
    if history.attempts == 1 and quick_s >= history.retry_after_s:
        return RetryInPlace(quick_s)
    for topic, pause_s in policy.waits[max(0, history.attempts - 2) :]:
        wait_s = pause_s * random.uniform(*JITTER)
        if wait_s >= history.retry_after_s:
            return RetryLater(topic, now + wait_s)
    return StopRetrying(exhausted=True)
