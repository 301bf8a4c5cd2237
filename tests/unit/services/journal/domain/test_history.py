"""A history has one order, independent of the order of its rows."""

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from libs.ports.journal import Claims, Journaled, JournalEntry, Owner, Position
from services.journal.domain.history import HistoryRow, ordered


def row(
    event: str, at_ms: int, cause: str = "", *, topic: str = "progress", offset: int = 0, body: bytes = b""
) -> Journaled:
    claims = Claims(event_id=event or None, response_id="r", causation_id=cause or None)
    return Journaled(JournalEntry(Position("", topic, 0, offset), at_ms, None, (), body, claims), received_at=0.0)


def by(tenant: str, told_row: Journaled) -> Journaled:
    return replace(told_row, entry=replace(told_row.entry, owner=Owner(tenant)))


def names(rows: tuple[HistoryRow, ...]) -> list[str | None]:
    return [each.row.entry.claims.event_id for each in rows]


def test_nothing_kept_is_nothing_told() -> None:
    assert ordered(()) == ()


def test_rows_stand_in_the_order_of_the_broker_s_time() -> None:
    assert names(ordered((row("b", 20), row("c", 30), row("a", 10)))) == ["a", "b", "c"]


def test_times_count_from_the_first_record() -> None:
    assert [each.after_ms for each in ordered((row("b", 1_020), row("a", 1_000)))] == [0, 20]


def test_at_equal_times_a_cause_comes_before_its_effect() -> None:
    assert names(ordered((row("a", 10, "b"), row("b", 10, "c"), row("c", 10)))) == ["c", "b", "a"]


def test_a_skewed_clock_does_not_put_an_effect_before_its_cause() -> None:
    history = ordered((row("effect", 5, "cause"), row("cause", 10), row("later", 11)))
    assert names(history) == ["cause", "effect", "later"]


def test_siblings_at_equal_times_stand_by_topic_and_offset() -> None:
    rows = (
        row("c", 10, "x", topic="b"),
        row("b", 10, "x", topic="a", offset=2),
        row("a", 10, "x", topic="a", offset=1),
    )
    assert names(ordered(rows)) == ["a", "b", "c"]


def test_causes_that_go_in_a_circle_are_told_all_the_same() -> None:
    history = ordered((row("a", 10, "b"), row("b", 11, "a"), row("s", 12, "s")))
    assert sorted(names(history), key=str) == ["a", "b", "s"]


def test_the_same_event_on_the_same_topic_again_is_a_copy() -> None:
    history = ordered((row("a", 10, offset=1), row("a", 12, offset=9)))
    assert [each.copy_of for each in history] == [None, Position("", "progress", 0, 1)]
    assert [each.differs for each in history] == [False, False]


def test_a_copy_with_another_body_says_so() -> None:
    history = ordered((row("a", 10, offset=1, body=b"1"), row("a", 12, offset=9, body=b"2")))
    assert history[1].differs


def test_the_same_event_on_another_topic_is_no_copy() -> None:
    history = ordered((row("a", 10, topic="answer-finished"), row("a", 10, topic="progress")))
    assert [each.copy_of for each in history] == [None, None]


def test_what_another_tenant_said_under_the_same_id_before_is_not_the_first() -> None:
    foreign = by("globex", row("a", 5, offset=1, body=b"stolen"))
    own = [by("acme", row("a", 10, offset=2, body=b"1")), by("acme", row("a", 12, offset=3, body=b"2"))]
    _, first, again = ordered((foreign, *own))
    assert (first.copy_of, again.copy_of, again.differs) == (None, own[0].entry.position, True)


def test_what_another_tenant_said_under_the_id_of_a_cause_does_not_move_its_effect() -> None:
    foreign = by("globex", row("cause", 1_000, offset=1))
    effect = by("acme", row("effect", 20, "cause", offset=2))
    assert names(ordered((foreign, effect))) == ["effect", "cause"]


def test_records_without_an_id_are_never_copies() -> None:
    assert [each.copy_of for each in ordered((row("", 10, offset=1), row("", 10, offset=2)))] == [None, None]


ROWS = st.lists(
    st.builds(
        row,
        event=st.sampled_from("abcde"),
        at_ms=st.integers(0, 4),
        cause=st.sampled_from(["", *"abcdef"]),
        offset=st.integers(0, 10**6),
    ),
    max_size=12,
    unique_by=lambda each: each.entry.position,
)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_depends_on_the_rows_alone(rows: list[Journaled], random: Random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert ordered(shuffled) == ordered(rows)
