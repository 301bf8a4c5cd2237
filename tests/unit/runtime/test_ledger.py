"""The offset ledger: in any order, nothing unfinished is passed and everything finished can be committed."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from libs.runtime.ledger import PartitionLedger


class AnyOrder(RuleBasedStateMachine):
    """Records are delivered with gaps, again, and finished in any order; commits happen at any moment."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = PartitionLedger(100)
        self.unfinished: list[int] = []
        self.finished: set[int] = set()
        self.next_offset = 100
        self.seen_mark = 100

    @rule(gap=st.integers(0, 5))
    def deliver(self, gap: int) -> None:
        offset = self.next_offset + gap
        assert self.ledger.deliver(offset)
        self.unfinished.append(offset)
        self.next_offset = offset + 1

    @precondition(lambda self: self.unfinished)
    @rule(choice=st.randoms(use_true_random=False))
    def finish(self, choice: Random) -> None:
        offset = choice.choice(self.unfinished)
        self.unfinished.remove(offset)
        self.finished.add(offset)
        self.ledger.finish(offset)

    @rule(back=st.integers(1, 20))
    def deliver_again(self, back: int) -> None:
        assert not self.ledger.deliver(self.next_offset - back)

    @precondition(lambda self: self.finished)
    @rule(choice=st.randoms(use_true_random=False))
    def finish_again(self, choice: Random) -> None:
        self.ledger.finish(choice.choice(sorted(self.finished)))

    @rule()
    def commit(self) -> None:
        if (mark := self.ledger.due()) is not None:
            assert mark > self.ledger.committed
            self.ledger.confirm(mark)
        assert self.ledger.due() is None

    @invariant()
    def nothing_unfinished_is_passed(self) -> None:
        assert all(offset >= self.ledger.watermark for offset in self.unfinished)
        assert self.ledger.unfinished == len(self.unfinished)

    @invariant()
    def the_mark_is_as_far_as_it_can_be(self) -> None:
        expected = min(self.unfinished, default=self.next_offset)
        assert self.ledger.watermark == expected
        assert max(self.ledger.due() or 0, self.ledger.committed) == expected

    @invariant()
    def the_mark_never_moves_back(self) -> None:
        assert self.ledger.watermark >= self.seen_mark
        self.seen_mark = self.ledger.watermark


TestAnyOrder = AnyOrder.TestCase


@given(st.lists(st.integers(0, 1000), unique=True, min_size=1).map(sorted), st.randoms(use_true_random=False))
def test_when_all_is_done_the_mark_is_one_past_the_last(offsets: list[int], order: Random) -> None:
    ledger = PartitionLedger()
    for offset in offsets:
        ledger.deliver(offset)
    order.shuffle(offsets)
    for offset in offsets:
        ledger.finish(offset)
    assert ledger.due() == max(offsets) + 1


def test_a_fresh_ledger_has_nothing_to_commit() -> None:
    assert PartitionLedger(7).due() is None


def test_what_was_never_delivered_cannot_be_finished() -> None:
    ledger = PartitionLedger(7)
    ledger.finish(7)
    assert ledger.watermark == 7
    assert ledger.deliver(7)


def test_a_record_from_before_the_committed_offset_is_known() -> None:
    assert not PartitionLedger(7).deliver(6)


def test_an_old_confirmation_does_not_move_the_committed_offset_back() -> None:
    ledger = PartitionLedger(7)
    ledger.confirm(9)
    ledger.confirm(8)
    assert ledger.committed == 9
