"""Members of a group on one partition, in any interleaving: no record is lost, no commit passes an unfinished one.

The broker keeps what is committed as it does: an offset and a text beside it. Any number of members come one after the
other; one that was thought dead may come back and find that another has gone on.
"""

from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from libs.runtime.ledger.metadata import decode, encode
from libs.runtime.ledger.partition import PartitionLedger, Progress

LAST = 30


class Broker:
    """One partition of a log with holes, and the offset of one group. It takes only so many characters."""

    def __init__(self, max_chars: int) -> None:
        self.offsets = [offset for offset in range(LAST) if offset % 7 != 3]
        self.max_chars = max_chars
        self.mark, self.text = 0, ""

    def committed(self) -> Progress:
        return Progress(self.mark, decode(self.mark, self.text))

    def commit(self, progress: Progress) -> None:
        self.mark, self.text = progress.watermark, encode(progress, self.max_chars)


class Member:
    """A ledger, a position in the log, and the work in progress. It commits only while it is settled."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.ledger = PartitionLedger(broker.committed())
        self.position = broker.mark
        self.running: set[int] = set()
        self.settled = True

    def deliver(self) -> None:
        offset = next((each for each in self.broker.offsets if each >= self.position), None)
        if offset is None:
            return
        self.position = offset + 1
        if self.ledger.deliver(offset):
            assert offset not in self.running
            self.running.add(offset)

    def hand_over(self, offset: int) -> None:
        """Take a record of this process, which the broker has acknowledged; the fetch will bring it as well."""
        if self.settled and self.ledger.deliver_next(offset):
            assert offset not in self.running
            self.running.add(offset)

    def finish(self, offset: int) -> None:
        self.running.discard(offset)
        self.ledger.finish(offset)

    def commit(self, *, taken: bool = True) -> None:
        if self.settled and self.ledger.is_due:
            progress = self.ledger.progress()
            self.broker.commit(progress)
            if taken:
                self.ledger.confirm(progress)

    def keep(self) -> None:
        """Get the partition again without having lost it from our own point of view."""
        self.ledger.merge(self.broker.committed())
        self.position = self.broker.mark
        self.settled = True


class Histories(RuleBasedStateMachine):
    """`done` is the work that a member has really finished."""

    def __init__(self) -> None:
        super().__init__()
        self.broker = Broker(max_chars=40)
        self.member = Member(self.broker)
        self.done: set[int] = set()
        self.crashes = 0

    @rule(count=st.integers(1, 8))
    def deliver(self, count: int) -> None:
        for _ in range(count):
            self.member.deliver()

    @rule(choice=st.randoms(use_true_random=False), count=st.integers(1, 4))
    def hand_over(self, choice: Random, count: int) -> None:
        first = choice.choice([self.member.ledger.next_offset, choice.randrange(LAST)])
        for offset in [each for each in self.broker.offsets if each >= first][:count]:
            self.member.hand_over(offset)

    @precondition(lambda self: self.member.running)
    @rule(choice=st.randoms(use_true_random=False))
    def finish(self, choice: Random) -> None:
        offset = choice.choice(sorted(self.member.running))
        self.done.add(offset)
        self.member.finish(offset)

    @precondition(lambda self: self.member.running)
    @rule(choice=st.randoms(use_true_random=False))
    def fail(self, choice: Random) -> None:
        """End work on a record without having done it: the process fails, and the next one begins."""
        self.member.running.discard(choice.choice(sorted(self.member.running)))
        self.crash()

    @rule()
    def commit(self) -> None:
        self.member.commit()

    @rule()
    def commit_without_hearing_of_it(self) -> None:
        self.member.commit(taken=False)

    @rule()
    def crash(self) -> None:
        self.member = Member(self.broker)

    @rule()
    def revoke(self) -> None:
        self.member.commit()
        self.member.settled = False

    @rule()
    def assign_again(self) -> None:
        self.member.keep()

    @rule(choice=st.randoms(use_true_random=False), steps=st.integers(1, 12))
    def another_member_advances_while_we_are_thought_dead(self, choice: Random, steps: int) -> None:
        self.member.settled = False
        other = Member(self.broker)
        for _ in range(steps):
            other.deliver()
            if other.running and choice.random() < 0.6:
                offset = choice.choice(sorted(other.running))
                self.done.add(offset)
                other.finish(offset)
            if choice.random() < 0.4:
                other.commit()
        self.member.keep()

    @rule(back=st.integers(1, 20))
    def deliver_again(self, back: int) -> None:
        """The client may start anywhere from the committed offset on; delivered records are not started again."""
        self.member.position = max(self.broker.mark, self.member.position - back)

    @rule()
    def forget_the_text(self) -> None:
        """Some brokers return nothing but the offset."""
        self.broker.text = ""

    @invariant()
    def no_commit_passes_what_nobody_has_done(self) -> None:
        committed = self.broker.committed()
        passed = set(range(committed.watermark)) | {o for start, end in committed.finished for o in range(start, end)}
        assert passed & set(self.broker.offsets) <= self.done

    @invariant()
    def what_the_ledger_takes_for_finished_is_done(self) -> None:
        known = {
            offset for offset in self.broker.offsets if self.member.ledger.knows(Progress(0, ((offset, offset + 1),)))
        }
        assert known <= self.done

    def teardown(self) -> None:
        """Whatever happened: working on ends with everything done and committed."""
        self.member.keep()
        for _ in range(LAST):
            self.member.deliver()
            for offset in sorted(self.member.running):
                self.done.add(offset)
                self.member.finish(offset)
        self.member.commit()
        assert self.done == set(self.broker.offsets)
        assert self.broker.committed() == Progress(self.broker.offsets[-1] + 1)


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
