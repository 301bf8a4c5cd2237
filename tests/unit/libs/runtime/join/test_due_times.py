"""Times at which keys are due."""

from hypothesis import given
from hypothesis import strategies as st

from libs.runtime.join.due_times import DueTimes

KEYS = st.sampled_from("abcdef")
TIMES = st.one_of(st.none(), st.integers(0, 9).map(float))


def test_keys_come_out_when_they_are_due_the_earliest_first() -> None:
    due = DueTimes()
    for key, at in (("late", 9.0), ("second", 2.0), ("first", 1.0)):
        due.put(key, at)
    assert list(due.pop_until(2.0)) == ["first", "second"]
    assert (due.next_at, "first" in due, "late" in due) == (9.0, False, True)


def test_a_new_time_replaces_the_old_one() -> None:
    due = DueTimes()
    due.put("a", 1.0)
    due.put("a", 5.0)
    assert list(due.pop_until(4.0)) == []
    due.put("a", 3.0)
    assert list(due.pop_until(9.0)) == ["a"]


def test_a_dropped_key_is_never_due() -> None:
    due = DueTimes()
    due.put("a", 1.0)
    due.drop("a")
    due.put("b", 2.0)
    due.put("b", None)
    assert due.next_at is None
    assert list(due.pop_until(9.0)) == []


def test_a_time_that_is_put_while_keys_come_out_is_seen() -> None:
    due = DueTimes()
    due.put("a", 1.0)
    coming = due.pop_until(2.0)
    assert next(coming) == "a"
    due.put("a", 2.0)
    assert list(coming) == ["a"]


def test_ten_thousand_requests_that_came_and_went_leave_next_to_nothing() -> None:
    due = DueTimes()
    for number in range(10_000):
        due.put(f"r{number}", 600.0 + number)
        due.put(f"r{number}", 500.0 + number)
        due.drop(f"r{number}")
    assert due.size < 100


@given(st.lists(st.tuples(KEYS, TIMES), max_size=300))
def test_it_agrees_with_a_dictionary(changes: list[tuple[str, float | None]]) -> None:
    due, times = DueTimes(), dict[str, float]()
    for key, at in changes:
        due.put(key, at)
        times.pop(key, None)
        if at is not None:
            times[key] = at
    assert due.next_at == min(times.values(), default=None)
    assert due.size <= 2 * len(times) + 64
    assert sorted(due.pop_until(4.0)) == sorted(key for key, at in times.items() if at <= 4.0)
