"""The scenarios as data: full ones with the sizes that are promised, and cuts of them that a change has to pass."""

from dataclasses import dataclass, replace
from math import inf
from typing import Literal

from moe.registry import SERVICES
from tests.chaos.case import Bars
from tests.chaos.growing import GROWN
from tests.chaos.load import Load
from tests.chaos.nemesis import LEADER, Plan
from tests.chaos.poisoning import TOPIC_NAMES

REPLICAS = 2
CRASH = Bars(slack_s=10.0, race_s=10.0, repeats=True)  # a join that died must be rebuilt before it can end a request
CUT_STOP_S = 10.0  # in a cut the machine has other work, and cancels calls late
ELECTED_S = 30.0  # an election takes two seconds, its clients find the leaders in eight, also on a busy machine
CALM = Load(requests=60, over_s=20.0, leaving=0.0, name="calm")


@dataclass(frozen=True)
class Scenario:
    """`load` runs while `plans` are carried out; `calm` runs before, for comparison. Times are seconds.

    Clients go on asking for `afterwards_s` after the last fault has begun. `copied`: while `load` runs, every record on
    every topic is followed by one to four copies of it. `released`: every process starts with the code of the last
    release.
    """

    name: str
    about: str
    load: Load
    plans: tuple[Plan, ...]
    bars: Bars
    calm: Load = CALM
    request_timeout_s: float = 60.0
    copied: bool = False
    afterwards_s: float = 15.0
    brokers: Literal[1, 3] = 1
    released: bool = False

    def cut(self, times: int, requests: int, every_s: float = inf) -> "Scenario":
        """Short form: `times` faults for every victim, every `every_s` seconds, during `requests` requests."""
        plans = tuple(
            replace(plan, times=min(plan.times, times), every_s=min(plan.every_s, every_s)) for plan in self.plans
        )
        over_s = max(plan.length_s for plan in plans)
        load = replace(self.load, requests=requests, over_s=over_s)
        calm = replace(self.calm, requests=20, over_s=8.0)
        bars = replace(self.bars, answered=requests // 2, stop_s=CUT_STOP_S)
        return replace(self, load=load, plans=plans, calm=calm, bars=bars, afterwards_s=8.0)


def _scenario(name: str, about: str, requests: int, *plans: Plan) -> Scenario:
    over_s = max(plan.length_s for plan in plans)
    bars = replace(CRASH, answered=int(0.8 * requests))
    return Scenario(name, about, Load(requests=requests, over_s=over_s), plans, bars)


FULL = (
    _scenario(
        "kills",
        "every stage is killed with -9",
        1000,
        Plan(("kill",), SERVICES, times=20, every_s=3.0, down_s=0.5, replicas=REPLICAS),
    ),
    _scenario(
        "broker",
        "the broker is killed and comes back",
        500,
        Plan(("kill",), ("kafka",), times=5, every_s=45.0, down_s=5.0),
    ),
    _scenario(
        "stores",
        "Postgres is restarted all the time, Valkey is emptied and killed",
        800,
        Plan(("kill",), ("postgres",), times=16, every_s=12.5, down_s=5.0),
        Plan(("kill", "flush"), ("valkey",), times=20, every_s=5.0, down_s=1.0),
    ),
    _scenario(
        "freezes",
        "stages stand still for longer than a session, and come back",
        400,
        Plan(("freeze",), SERVICES, times=4, every_s=6.0, down_s=12.0, replicas=REPLICAS),
    ),
    _scenario(
        "poison",
        "twelve classes of records that no handler can process, in every topic",
        400,
        Plan(("poison",), TOPIC_NAMES, times=1, every_s=5.0),
    ),
    _scenario(
        "rolling",
        "SIGTERM of every stage in turn",
        500,
        Plan(("terminate",), SERVICES, times=2, every_s=6.0, replicas=REPLICAS, in_turn=True),
    ),
)
ELECTIONS = replace(
    _scenario(
        "elections",
        "of three brokers the one that leads most partitions is killed, again and again",
        500,
        Plan(("kill",), (LEADER,), times=5, every_s=80.0, least_down_s=ELECTED_S, down_s=ELECTED_S + 10.0),
    ),
    brokers=3,
    bars=replace(CRASH, answered=400, elected_s=ELECTED_S),
    afterwards_s=2 * ELECTED_S,
)
GROWTH = _scenario(
    "growth",
    "topics get more partitions while every stage is killed, so that processes learn of them at different times",
    500,
    Plan(("grow",), GROWN, times=2, every_s=4.0),
    Plan(("kill",), SERVICES, times=6, every_s=3.0, down_s=0.5, replicas=REPLICAS),
)
UPGRADE = replace(
    _scenario(
        "upgrade",
        "a fleet of the last release gets the present code, one process after the other",
        500,
        Plan(("upgrade",), SERVICES, times=1, every_s=10.0, replicas=REPLICAS, in_turn=True),
    ),
    released=True,
    bars=replace(CRASH, answered=400, releases=2),
)
CLUSTER = (ELECTIONS, GROWTH, UPGRADE)  # minutes each, also when cut
CLUSTER_CUT = (
    replace(ELECTIONS.cut(times=2, requests=100, every_s=70.0), afterwards_s=2 * ELECTED_S),
    GROWTH.cut(times=2, requests=90, every_s=3.0),
    UPGRADE.cut(times=1, requests=90, every_s=4.0),
)
DUPLICATES = Scenario(
    "duplicates",
    "every record on every topic comes two to five times, in random order",
    Load(requests=300, over_s=90.0),
    plans=(),
    bars=Bars(answered=270, copies=5_000),
    copied=True,
)
DUPLICATES_CUT = replace(
    DUPLICATES,
    load=Load(requests=40, over_s=15.0),
    calm=replace(CALM, requests=15, over_s=6.0),
    bars=replace(DUPLICATES.bars, answered=35, copies=500, slack_s=10.0, stop_s=CUT_STOP_S, race_s=10.0),
)
CUT = (
    FULL[0].cut(times=1, requests=60),
    FULL[1].cut(times=1, requests=80, every_s=15.0),
    FULL[2].cut(times=2, requests=60),
    FULL[4].cut(times=1, requests=60, every_s=2.0),
    FULL[5].cut(times=1, requests=80, every_s=4.0),
)
