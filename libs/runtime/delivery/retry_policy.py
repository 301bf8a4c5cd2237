"""When a command that failed is tried again, and where it waits until then. Pure but for the jitter.

Five attempts at most: the first, a quick second one in place, then one after each retry topic's pause. A step is taken
only if it ends before the message's deadline and before the patience of the stage, which counts from the first
attempt: who waits for an answer hears of a server that is gone after some forty seconds, not after six minutes.
"""

import random
from dataclasses import dataclass, field

from libs.contracts.topics import RETRY_5M, RETRY_5S, RETRY_30S, Topic
from libs.runtime.delivery.backoff import JITTER, Backoff


@dataclass(frozen=True)
class RetryRules:
    """`waits` are the retry topics and their pauses in seconds, taken in turn; `patience_s` bounds all attempts."""

    attempts: int = 5
    quick: Backoff = field(default_factory=Backoff)
    waits: tuple[tuple[Topic, float], ...] = ((RETRY_5S, 5.0), (RETRY_30S, 30.0), (RETRY_5M, 300.0))
    patience_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Tried:
    """How often a message was tried by now, and since when; `deadline_at` and all times are Unix seconds."""

    attempts: int
    first_at: float
    deadline_at: float
    retry_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Again:
    """Try again in place after a pause."""

    pause_s: float


@dataclass(frozen=True, slots=True)
class Later:
    """Wait on a retry topic until `due_at`."""

    topic: Topic
    due_at: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """No more attempts. `exhausted`: it is not the deadline that ends this, so somebody has to look into it."""

    exhausted: bool


Step = Again | Later | GiveUp


def next_step(rules: RetryRules, tried: Tried, now: float) -> Step:
    """Return what follows on a failed attempt of a command."""
    step = _planned(rules, tried, now)
    due_at = now + step.pause_s if isinstance(step, Again) else step.due_at if isinstance(step, Later) else now
    if due_at >= tried.deadline_at:
        return GiveUp(exhausted=False)
    return GiveUp(exhausted=True) if due_at >= tried.first_at + rules.patience_s else step


def next_step_in_place(rules: RetryRules, attempts: int) -> Step:
    """Return what follows on a failed attempt of a fact: it has no deadline, and must not lose its place."""
    return Again(rules.quick.pause_s(attempts)) if attempts < rules.attempts else GiveUp(exhausted=True)


def _planned(rules: RetryRules, tried: Tried, now: float) -> Step:
    if tried.attempts >= rules.attempts:
        return GiveUp(exhausted=True)
    quick_s = rules.quick.pause_s(1)
    if tried.attempts == 1 and quick_s >= tried.retry_after_s:
        return Again(quick_s)
    for topic, pause_s in rules.waits[max(0, tried.attempts - 2) :]:
        wait_s = pause_s * random.uniform(*JITTER)
        if wait_s >= tried.retry_after_s:
            return Later(topic, now + wait_s)
    return GiveUp(exhausted=True)
