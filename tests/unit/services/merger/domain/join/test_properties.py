"""Invariants of every history: any order, duplicates, lost parts, and races with the clock and the client."""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.answer import AnswerFinished
from libs.contracts.finding import Category, Confidence
from libs.contracts.message import Message, PartMessage
from libs.contracts.plan import PlannedPart
from libs.contracts.progress import PartCompleted, PlanDrafted
from libs.contracts.records import RequestLogged
from libs.ports.reducer import Tick
from services.merger.domain import Request, advance, due_at
from tests.support.merger.join_facts import (
    DEADLINE_AT,
    OFFER_ABOVE,
    ORIGIN,
    call,
    cancelled,
    candidate,
    computed,
    expert,
    failed,
    finished,
    found,
    opened,
    plan,
    tool,
)

CATEGORIES: tuple[Category, ...] = ("general", "math", "medical_consult")
CONFIDENCES: tuple[Confidence, ...] = ("high", "medium", "low")
FAILURES = ("model_unavailable", "invalid_argument", "deadline_exceeded", "internal_error")
ENDS = ("answered", "failed", "expired", "cancelled")
bounded = settings(max_examples=300, deadline=None)


@dataclass(frozen=True)
class Case:
    """One request: its plan and, for each part, how it ends."""

    plan: PlanDrafted
    ends: tuple[PartCompleted, ...]
    candidates: tuple[Message, ...]

    @property
    def facts(self) -> tuple[Message, ...]:
        return (opened(), self.plan, *self.candidates, *self.ends)


@st.composite
def planned_parts(draw: st.DrawFn) -> tuple[PlannedPart, ...]:
    ids = ("a", "b", "c", "d")[: draw(st.integers(1, 4))]
    parts = []
    for index, part in enumerate(ids):
        needs = tuple(draw(st.sets(st.sampled_from(ids[:index]), max_size=2))) if index else ()
        if draw(st.booleans()):
            parts.append(tool(part, needs=needs))
        else:
            task = draw(st.sampled_from(("one", "two")))
            parts.append(expert(part, draw(st.sampled_from(CATEGORIES)), task=task, needs=needs))
    return tuple(parts)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    parts = draw(planned_parts())
    critic: tuple[Category, ...] = ("medical_consult",) if draw(st.booleans()) else ()
    tools_only = all(part.kind == "tool" for part in parts)
    source = draw(st.sampled_from(("recogniser", "model") if tools_only else ("model",)))
    drafted = plan(*parts, source="recogniser" if source == "recogniser" else "model", critic=critic)
    ends, candidates = [], []
    for part in parts:
        confidence = draw(st.sampled_from(CONFIDENCES))
        if draw(st.booleans()):
            ends.append(failed(part.id, draw(st.sampled_from(FAILURES)), f"{part.id} failed"))
        elif part.kind == "tool":
            ends.append(computed(part.id))
        else:
            ends.append(found(part.id, confidence=confidence, calls=(call(draw(st.integers(0, 9)), 1),)))
            candidates.append(candidate(part.id, confidence))
    return Case(drafted, tuple(ends), tuple(candidates))


@dataclass
class History:
    """A join under test, with every promise checked at every step. Its own ends return on the log on request."""

    state: Request | None = None
    closes: int = 0
    ended: bool = False
    published: tuple[Message, ...] = ()
    promotions: int = 0

    def fold(self, event: Message | Tick) -> None:
        step = advance(self.state, event, offer_above=OFFER_ABOVE)
        assert not (self.closes and (step.messages or step.deltas or step.closed)), "an effect after the close"
        if self.ended:
            assert not step.deltas
            assert all(message.schema_name() in LAST_WORDS for message in step.messages), "an effect after the end"
        self.closes += step.closed
        self.ended = self.ended or any(isinstance(message, AnswerFinished) for message in step.messages)
        self.promotions += sum(delta.kind == "promote" for delta in step.deltas)
        self.published += step.messages
        self.state = step.state

    @property
    def conclusions(self) -> list[Message]:
        return [message for message in self.published if not isinstance(message, PartMessage)]

    @property
    def ends(self) -> list[AnswerFinished]:
        return [message for message in self.published if isinstance(message, AnswerFinished)]

    def run_out(self) -> None:
        """Let the clock run until nothing is due any more; every tick must bring the next one closer to the end."""
        before = float("-inf")
        while self.state is not None and (due := due_at(self.state)) is not None:
            assert due > before, "the join would be woken for ever"
            self.fold(Tick(due))
            before = due

    def echo(self) -> None:
        for end in self.ends[:1]:
            self.fold(end)


LAST_WORDS = ("request-logged.v1", "knowledge-offered.v1")


def said(messages: Sequence[Message]) -> set[tuple[str, bytes]]:
    return {(message.envelope.event_id, message.body()) for message in messages}


def folded(events: Sequence[Message | Tick]) -> History:
    history = History()
    for event in events:
        history.fold(event)
    return history


@bounded
@given(cases(), st.data())
def test_whatever_the_order_and_however_often_the_same_is_said(case: Case, data: st.DataObject) -> None:
    """An expert publishes its start before its end; everything else may arrive in any order."""
    repeats = data.draw(st.lists(st.sampled_from(case.facts), max_size=6))
    shuffled = data.draw(st.permutations((*case.facts, *repeats)))
    straight, other = folded(case.facts), folded(_begun_first(shuffled))
    assert said(other.conclusions) == said(straight.conclusions)
    assert said(other.published) <= said(straight.published), "a part was asked for something else"


def _begun_first(events: Sequence[Message]) -> list[Message]:
    return sorted(events, key=lambda event: event.schema_name() != "candidate-opened.v1")


@bounded
@given(cases(), st.data())
def test_every_opened_request_ends_and_closes_exactly_once(case: Case, data: st.DataObject) -> None:
    noise: list[Message | Tick] = [cancelled(), finished(), plan(expert("z")), found("z"), candidate("z")]
    ticks = [Tick(DEADLINE_AT - seconds) for seconds in (90, 24.5, 23, 1, 0, -1)]
    some = data.draw(st.lists(st.sampled_from((*case.facts[1:], *noise, *ticks)), max_size=14))
    place = data.draw(st.integers(0, len(some)))
    history = folded((*some[:place], opened(), *some[place:]))
    history.echo()
    history.run_out()
    history.echo()
    history.run_out()
    assert history.closes == 1
    assert len(history.ends) <= 1
    assert history.promotions <= 1
    assert sum(isinstance(message, RequestLogged) for message in history.published) <= 1


@bounded
@given(cases(), st.data())
def test_a_request_whose_parts_are_lost_still_gets_its_end(case: Case, data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.sampled_from(case.facts[1:]), unique_by=id))
    history = folded((opened(), *kept))
    ticks = 0
    while not history.ended and history.state is not None and (due := due_at(history.state)) is not None:
        assert due <= DEADLINE_AT
        history.fold(Tick(due))
        ticks += 1
    assert [end.outcome in ENDS for end in history.ends] == [True]
    assert ticks <= 2


@bounded
@given(cases(), st.data())
def test_what_comes_after_the_close_is_swallowed(case: Case, data: st.DataObject) -> None:
    history = folded((opened(), finished()))
    assert history.closes == 1
    late: list[Message | Tick] = [*case.facts, cancelled(), Tick(DEADLINE_AT + 1_000)]
    for event in data.draw(st.permutations(late)):
        history.fold(event)
    assert history.closes == 1


@bounded
@given(cases())
def test_a_text_that_a_critic_must_read_never_goes_out_before(case: Case) -> None:
    critical = case.plan.model_copy(update={"critic": ("medical_consult",)}).opening(ORIGIN)
    history = folded([critical if isinstance(fact, PlanDrafted) else fact for fact in case.facts])
    assert history.promotions == 0
    assert all(end.outcome != "answered" for end in history.ends)
