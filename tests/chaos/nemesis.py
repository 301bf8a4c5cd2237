"""Schedule of faults, derived from a seed. Pure; `faults` executes it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["kill", "freeze", "terminate", "flush", "poison", "grow", "upgrade"]
LEADER = "kafka-leader"  # the broker that leads most facts when it is hit


@dataclass(frozen=True, slots=True)
class Fault:
    """`at_s` seconds after the load began, `target` is hit; it stays down or still for `for_s` seconds.

    kill: `kill -9`, then a restart · freeze: SIGSTOP, then SIGCONT · terminate: SIGTERM, then a restart · flush: the
    cache is emptied · poison: records that cannot be handled, on a topic · grow: a topic gets more partitions ·
    upgrade: SIGTERM, then a restart with the present code.
    """

    at_s: float
    kind: Kind
    target: str
    for_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Each of `targets` is hit `times` times in each of the ways `kinds`, in random order, about every `every_s`.

    The pauses are `every_s` ± half of it. A target stays down for between `least_down_s` and `down_s` seconds. With
    `replicas` one of so many, `<target>-<number>`, is hit at a time; `in_turn`: all of them, one after the other, in
    this order.
    """

    kinds: tuple[Kind, ...]
    targets: tuple[str, ...]
    times: int
    every_s: float
    down_s: float = 0.0
    least_down_s: float = 0.0
    replicas: int = 0
    in_turn: bool = False

    @property
    def length_s(self) -> float:
        return len(self.kinds) * len(self.victims) * self.times * self.every_s

    @property
    def victims(self) -> tuple[str, ...]:
        """Targets of `times` faults: every replica in turn, else one of them each time."""
        if not self.in_turn or not self.replicas:
            return self.targets
        return tuple(f"{target}-{number}" for target in self.targets for number in range(self.replicas))


def schedule(plans: Sequence[Plan], seed: int) -> tuple[Fault, ...]:
    """Faults of all plans by time. The same seed yields the same faults."""
    chance = random.Random(seed)
    faults = [fault for plan in plans for fault in _faults_of(plan, chance)]
    return tuple(sorted(faults, key=lambda fault: fault.at_s))


def _faults_of(plan: Plan, chance: random.Random) -> list[Fault]:
    hits = [(kind, victim) for _ in range(plan.times) for victim in plan.victims for kind in plan.kinds]
    if not plan.in_turn:
        chance.shuffle(hits)
    faults = []
    at_s = 0.0
    for kind, victim in hits:
        at_s += plan.every_s * chance.uniform(0.5, 1.5)
        faults.append(Fault(at_s, kind, _one_of(plan, victim, chance), chance.uniform(plan.least_down_s, plan.down_s)))
    return faults


def _one_of(plan: Plan, victim: str, chance: random.Random) -> str:
    return f"{victim}-{chance.randrange(plan.replicas)}" if plan.replicas and not plan.in_turn else victim
