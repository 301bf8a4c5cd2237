"""Whatever part of a request the journal had when its log was lost: the join ends it once and requests the rest."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.answer import AnswerDrafted, AnswerFinished, MergeAnswer
from libs.contracts.catalogue import COMMANDS
from libs.contracts.message import Message, PartMessage
from libs.contracts.plan import PlannedPart
from libs.contracts.progress import PartCompleted, PlanDrafted, RequestCancelled
from libs.contracts.question import QuestionAsked
from libs.contracts.records import RequestLogged
from libs.ports.reducer import Tick
from libs.ports.write_ahead import PendingRequest
from services.journal.domain.restoration import Recorded, restoration_of
from tests.support.merger.join_facts import (
    ACCEPTED_AT,
    DEADLINE_AT,
    Log,
    cancelled,
    candidate,
    computed,
    expert,
    finished,
    found,
    log_of,
    opened,
    plan,
    tool,
)

NAMES = ("a", "b", "c", "d")
NOW = ACCEPTED_AT + 5


@st.composite
def plans(draw: st.DrawFn) -> PlanDrafted:
    """Up to four parts; each may need some of those before it."""
    parts: list[PlannedPart] = []
    for name in NAMES[: draw(st.integers(1, 4))]:
        needs = tuple(part.id for part in parts if draw(st.booleans()))
        parts.append(expert(name, needs=needs) if draw(st.booleans()) else tool(name, needs=needs))
    return plan(*parts)


@st.composite
def histories(draw: st.DrawFn) -> list[Message]:
    """Content of the journal: any subset of the messages, in any order."""
    drafted = draw(plans())
    facts: list[Message] = [opened(), drafted]
    for part in drafted.parts:
        facts += [candidate(part.id), found(part.id) if part.kind == "expert" else computed(part.id)]
    facts += [cancelled()] if draw(st.booleans()) else []
    kept = [fact for fact in facts if draw(st.booleans())]
    return draw(st.permutations(kept))


class World:
    """The rest of the fleet: executes the join's commands, and records them."""

    def __init__(self, drafted: PlanDrafted) -> None:
        self._drafted = drafted
        self.asked: Counter[str] = Counter()

    def answer(self, said: Message) -> list[Message]:
        if isinstance(said, COMMANDS):
            self.asked[said.part_id or said.schema_name()] += 1
        match said:
            case QuestionAsked():
                return [self._drafted, *(found(part.id) for part in self._drafted.parts if not part.needs)]
            case MergeAnswer() | AnswerDrafted():
                return [finished()]
            case AnswerFinished():
                return [said]
            case PartMessage():
                return [found(said.part)]
            case _:
                return []


def lived(messages: tuple[Message, ...], world: World) -> Log:
    """Fold the restored messages and their effects, until there are no more effects."""
    log = log_of()
    waiting: list[Message | Tick] = [*messages, Tick(NOW)]
    heard = 0
    while waiting or heard < len(log.messages):
        if waiting:
            log.fold(waiting.pop(0))
        else:
            waiting += world.answer(log.messages[heard])
            heard += 1
    return log


@given(histories(), plans(), st.integers(0, 3))
def test_every_restored_request_ends_once(history: list[Message], replanned: PlanDrafted, times: int) -> None:
    recorded = [Recorded(topic.name, message) for message in history for topic in message.topics]
    restored = restoration_of(PendingRequest(opened(), times), recorded, NOW)
    world = World(next((fact for fact in history if isinstance(fact, PlanDrafted)), replanned))
    log = lived(restored.messages, world)
    assert log.closes == 1
    assert len(log.all_of(RequestLogged)) == 1


@given(histories(), plans(), st.integers(0, 3))
def test_no_recorded_part_is_asked_for_and_every_other_one_once(
    history: list[Message], replanned: PlanDrafted, times: int
) -> None:
    recorded = [Recorded(topic.name, message) for message in history for topic in message.topics]
    restored = restoration_of(PendingRequest(opened(), times), recorded, NOW)
    drafted = next((fact for fact in history if isinstance(fact, PlanDrafted)), None)
    world = World(drafted or replanned)
    lived(restored.messages, world)
    had = {fact.part for fact in history if isinstance(fact, PartCompleted)}
    parts = Counter({name: count for name, count in world.asked.items() if name in NAMES})
    is_cancelled = any(isinstance(fact, RequestCancelled) for fact in history)
    if is_cancelled:
        assert not world.asked
    elif drafted is not None:
        assert parts == Counter(part.id for part in drafted.parts if part.id not in had)
    else:
        assert world.asked[QuestionAsked.schema_name()] == 1


@given(histories())
def test_a_request_that_is_over_only_gets_its_last_words(history: list[Message]) -> None:
    end = finished("told before")
    recorded = [Recorded(topic.name, message) for message in history for topic in message.topics]
    restored = restoration_of(PendingRequest(opened(), 0, end), recorded, DEADLINE_AT + 100)
    log = lived(restored.messages, World(plan(expert("a"))))
    assert log.all_of(AnswerFinished) == []
    assert [words.answer for words in log.all_of(RequestLogged)] == ["told before"]
