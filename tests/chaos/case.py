"""A chaos run as the rules look at it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos.evidence import Evidence, Opened, Said
from tests.chaos.history import Entry


@dataclass(frozen=True, slots=True)
class Bars:
    """Limits of a run, in seconds.

    `slack_s`: how long after its deadline a request may still end. `stop_s`: how long after a deadline, a cancellation
    or an end a model call may still run or start. `race_s`: how far apart two different ends of one request may be,
    because both were published before either was read. `repeats`: a crash repeats work, also after the end.

    `answered`: so many answers must have been read. `copies`: so many records must have been republished, and no other
    fault may have occurred. `releases`: each stage must have worked with so many versions of the code. `elected_s`: so
    long after the kill of one of several brokers, a question sent since then is answered.
    """

    slack_s: float = 2.0
    stop_s: float = 2.0
    race_s: float = 5.0
    repeats: bool = False
    answered: int = 1
    copies: int = 0
    releases: int = 1
    elected_s: float | None = None


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken promise: the rule, the response, and the finding."""

    rule: str
    about: str
    found: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.about}: {self.found}"


@dataclass(frozen=True)
class Case:
    """All input of a rule.

    `first` and `facts` hold the first end of each response with a valid signature of its own tenant, as consumed by
    gateways and by the join; `by_token` finds the request of a question.
    """

    history: Sequence[Entry]
    evidence: Evidence
    bars: Bars
    opened: Mapping[str, Opened] = field(init=False)
    first: Mapping[str, Said] = field(init=False)
    facts: Mapping[str, Said] = field(init=False)
    by_token: Mapping[str, Opened] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "opened", {each.response_id: each for each in reversed(self.evidence.opened)})
        object.__setattr__(self, "first", self._first_own(self.evidence.replies))
        object.__setattr__(self, "facts", self._first_own(self.evidence.facts))
        object.__setattr__(self, "by_token", {each.token: each for each in self.opened.values()})

    def raced_a_cancel(self, response_id: str) -> bool:
        """Whether its client cancelled the request while its answer was in flight.

        Its topics have no common order: each may carry the other end first (docs/reliability.md).
        """
        first_at: dict[tuple[str, str], float] = {}
        for end in (*self.evidence.replies, *self.evidence.facts):
            if end.response_id == response_id:
                first_at[end.outcome, end.text] = min(end.at, first_at.get((end.outcome, end.text), end.at))
        cancelled = any(each.response_id == response_id for each in self.evidence.cancelled)
        two = sorted(outcome for outcome, _ in first_at) == ["answered", "cancelled"]
        return cancelled and two and max(first_at.values()) - min(first_at.values()) <= self.bars.race_s

    def _first_own(self, said: Iterable[Said]) -> dict[str, Said]:
        first: dict[str, Said] = {}
        for end in said:
            opened = self.opened.get(end.response_id)
            if opened is not None and opened.tenant == end.tenant:
                first.setdefault(end.response_id, end)
        return first


Rule = Callable[[Case], Iterable[Violation]]
