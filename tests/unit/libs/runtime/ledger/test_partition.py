"""The offset ledger: in any order, nothing unfinished is passed and everything finished can be committed."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from libs.runtime.ledger.partition import PartitionLedger, Progress


@given(st.lists(st.integers(0, 1000), unique=True, min_size=1).map(sorted), st.randoms(use_true_random=False))
def test_when_all_is_done_the_mark_is_one_past_the_last(offsets: list[int], order: Random) -> None:
    ledger = PartitionLedger(Progress(0))
    for offset in offsets:
        ledger.deliver(offset)
    order.shuffle(offsets)
    for offset in offsets:
        ledger.finish(offset)
    assert ledger.progress() == Progress(max(offsets) + 1)


def test_a_fresh_ledger_has_nothing_to_commit() -> None:
    assert not PartitionLedger(Progress(7, ((9, 12),))).is_due


def test_what_was_never_delivered_cannot_be_finished() -> None:
    ledger = PartitionLedger(Progress(7))
    ledger.finish(7)
    assert ledger.watermark == 7
    assert ledger.deliver(7)


def test_a_record_from_before_the_committed_offset_is_known() -> None:
    assert not PartitionLedger(Progress(7)).deliver(6)


def test_a_record_that_is_in_hand_is_not_taken_again() -> None:
    ledger = PartitionLedger(Progress(7))
    assert [ledger.deliver(offset) for offset in (7, 8, 7, 8)] == [True, True, False, False]
    assert ledger.next_offset == 9


def test_a_record_that_was_committed_beyond_the_watermark_is_known() -> None:
    ledger = PartitionLedger(Progress(7, ((9, 11),)))
    assert [offset for offset in range(7, 13) if ledger.deliver(offset)] == [7, 8, 11, 12]


def test_the_mark_passes_what_was_committed_beyond_it() -> None:
    ledger = PartitionLedger(Progress(7, ((8, 11),)))
    ledger.deliver(7)
    ledger.finish(7)
    assert ledger.progress() == Progress(11)
    assert not ledger.deliver(10)
    assert ledger.deliver(11)


def test_what_is_finished_behind_something_slow_is_told_beyond_the_mark() -> None:
    ledger = PartitionLedger(Progress(0))
    for offset in range(10):
        ledger.deliver(offset)
    for offset in (1, 2, 5):
        ledger.finish(offset)
    assert ledger.is_due
    assert ledger.progress() == Progress(0, ((1, 3), (5, 6)))


def test_offsets_that_do_not_exist_count_as_finished() -> None:
    ledger = PartitionLedger(Progress(0))
    ledger.deliver(0)
    ledger.deliver(5)
    ledger.finish(5)
    assert ledger.progress() == Progress(0, ((1, 6),))


def test_what_the_broker_has_taken_is_not_due() -> None:
    ledger = PartitionLedger(Progress(0))
    ledger.deliver(0)
    ledger.deliver(1)
    ledger.finish(1)
    told = ledger.progress()
    ledger.finish(0)
    ledger.confirm(told)
    assert ledger.is_due
    ledger.confirm(ledger.progress())
    assert not ledger.is_due


def test_an_old_confirmation_after_a_new_one_changes_nothing() -> None:
    ledger = PartitionLedger(Progress(0))
    old = ledger.progress()
    ledger.deliver(0)
    ledger.finish(0)
    ledger.confirm(ledger.progress())
    ledger.confirm(old)
    assert not ledger.is_due


class TestMerging:
    def test_what_another_member_did_is_done_here_too(self) -> None:
        ledger = PartitionLedger(Progress(0))
        for offset in range(4):
            ledger.deliver(offset)
        ledger.finish(2)
        ledger.merge(Progress(1, ((3, 4), (8, 9))))
        assert ledger.progress() == Progress(1, ((2, 4), (8, 9)))
        assert [offset for offset in range(12) if ledger.deliver(offset)] == [4, 5, 6, 7, 9, 10, 11]

    def test_what_runs_here_and_was_done_there_may_end_here_as_well(self) -> None:
        ledger = PartitionLedger(Progress(0))
        ledger.deliver(0)
        ledger.merge(Progress(5))
        ledger.finish(0)
        assert ledger.progress() == Progress(5)

    def test_a_member_that_is_far_ahead_does_not_hide_what_it_left_undone(self) -> None:
        ledger = PartitionLedger(Progress(0))
        ledger.deliver(0)
        ledger.merge(Progress(20, ((22, 24),)))
        assert [offset for offset in range(18, 26) if ledger.deliver(offset)] == [20, 21, 24, 25]

    def test_what_only_we_know_is_due_again(self) -> None:
        ledger = PartitionLedger(Progress(0))
        ledger.deliver(0)
        ledger.deliver(1)
        ledger.finish(1)
        ledger.confirm(ledger.progress())
        ledger.merge(Progress(0))  # the broker lost its accepted state with it
        assert ledger.is_due

    def test_what_the_broker_knows_as_well_is_not_due(self) -> None:
        ledger = PartitionLedger(Progress(0))
        ledger.deliver(0)
        ledger.merge(Progress(9))
        assert not ledger.is_due

    def test_it_says_whether_another_member_has_gone_on(self) -> None:
        ledger = PartitionLedger(Progress(0))
        for offset in range(4):
            ledger.deliver(offset)
        ledger.finish(0)
        ledger.finish(2)
        assert [ledger.knows(each) for each in (Progress(0), Progress(1), Progress(1, ((2, 3),)))] == [True] * 3
        assert [ledger.knows(each) for each in (Progress(2), Progress(1, ((3, 4),)), Progress(9))] == [False] * 3


class TestReadingBack:
    def test_the_last_record_that_comes_again_is_the_last_unfinished_one(self) -> None:
        ledger = PartitionLedger(Progress(3, ((5, 6), (8, 12))))
        assert [ledger.unread_end(end) for end in (4, 5, 6, 8, 9, 12, 13)] == [4, 5, 5, 8, 8, 8, 13]

    def test_where_all_is_finished_nothing_comes_again(self) -> None:
        assert PartitionLedger(Progress(9)).unread_end(9) == 9
        assert PartitionLedger(Progress(9)).unread_end(4) == 9
