"""The schedule of faults."""

from collections import Counter

from tests.chaos.nemesis import Plan, schedule

STAGES = ("merger", "planner", "journal")


def test_the_same_seed_gives_the_same_faults_and_another_gives_others() -> None:
    plan = Plan(("kill",), STAGES, times=5, every_s=2.0, replicas=2)
    assert schedule([plan], 7) == schedule([plan], 7)
    assert schedule([plan], 7) != schedule([plan], 8)


def test_every_target_is_hit_as_often_as_asked() -> None:
    faults = schedule([Plan(("kill", "freeze"), STAGES, times=5, every_s=2.0, replicas=2)], 1)
    hits = Counter((fault.kind, fault.target.rpartition("-")[0]) for fault in faults)
    assert set(hits.values()) == {5}
    assert len(hits) == 6
    assert {fault.target.rpartition("-")[2] for fault in faults} == {"0", "1"}


def test_faults_come_by_time_within_about_the_length_of_their_plan() -> None:
    plan = Plan(("kill",), STAGES, times=20, every_s=2.0, down_s=1.0)
    faults = schedule([plan, Plan(("flush",), ("valkey",), times=3, every_s=10.0)], 3)
    times = [fault.at_s for fault in faults]
    assert times == sorted(times)
    assert 0.5 * plan.length_s < times[-1] < 1.5 * plan.length_s
    assert all(0 <= fault.for_s <= 1.0 for fault in faults)


def test_a_rolling_restart_goes_through_every_replica_in_order() -> None:
    faults = schedule([Plan(("terminate",), STAGES, times=1, every_s=5.0, replicas=2, in_turn=True)], 1)
    assert [fault.target for fault in faults] == [f"{stage}-{number}" for stage in STAGES for number in (0, 1)]
