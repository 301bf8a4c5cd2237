"""`verify`: everything that the stages said is computed again from what they heard and what they read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from libs.contracts.answer import AnswerFinished
from libs.contracts.direct import DirectOpened
from libs.contracts.message import Message
from libs.contracts.progress import RequestCancelled, RequestOpened, RequestRestored
from moe.replay.billing import billing_differences, is_of_the_bill
from moe.replay.completeness import completeness_differences
from moe.replay.descriptions import Descriptions
from moe.replay.folding import facts_of, of_one_tenant
from moe.replay.gateway_records import border_differences, is_direct
from moe.replay.join_check import JoinVerification
from moe.replay.mismatch import Difference, Place
from moe.replay.records import History, Said, lost_logs, without_restored
from moe.replay.side_records import ASIDE, aside_differences, is_checked, resent_events
from moe.replay.stages import STAGES
from moe.replay.tools import tool_differences
from moe.replay.work import Verification, causes_of
from services.gateway.handlers import SAYS

# What comes from outside the stages: from clients, and from the journal after a log was lost.
BORDER = (*(message for message in SAYS if message is not AnswerFinished), RequestRestored)


class Status(Enum):
    """`verified`: nothing differs. `open`: nothing differs, but the request has no end yet. `erased`: no content."""

    VERIFIED = "verified"
    DIFFERS = "differs"
    OPEN = "open"
    ERASED = "erased"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verdict:
    """`records` were read, `checked` messages were made again; differences are in the order of the records.

    `lost` counts what is missing because a broker in memory ended a moment ahead of the journal: it is no difference.
    `heard_at` is when the journal heard the last record, in Unix seconds.
    """

    response_id: str
    status: Status
    records: int = 0
    checked: int = 0
    lost: int = 0
    heard_at: float = 0.0
    differences: tuple[Difference, ...] = ()

    @property
    def well(self) -> bool:
        return self.status is not Status.DIFFERS

    @property
    def misses_records(self) -> bool:
        return any(difference.absent for difference in self.differences)


async def verify(response_id: str, history: History, descriptions: Descriptions) -> Verdict:
    """Return whether the history says what its stages say. Asks nothing but its arguments."""
    if history.erased:
        return Verdict(response_id, Status.ERASED, history.erased + len(history.said))
    if history.rows == history.rejected:
        return Verdict(response_id, Status.UNKNOWN)
    spoken = [said for said in of_one_tenant(history.said) if said.topic not in ASIDE]
    unreadable = (Place(each.index, "log").differs("record", "a message", each.reason) for each in history.unreadable)
    once = without_restored(spoken)
    found = [*unreadable, *border_differences(once, _openings(spoken)), *aside_differences(history.said)]
    work = Verification(causes_of(of_one_tenant(history.said)), descriptions)
    join = JoinVerification(facts_of(spoken), descriptions)
    await _check(once, {said.event_id: said for said in spoken}, work, join)
    found += billing_differences(once, work)
    found += [*work.differences, *join.differences, *tool_differences(spoken)]
    named = {(each.index, each.path) for each in found}
    incomplete = completeness_differences(of_one_tenant(history.said), descriptions)
    found += [each for each in incomplete if (each.index, each.path) not in named]
    found = _without_new_deadlines(found, history.said)
    lost = _lost_with_their_log(found, history)
    ordered = tuple(dict.fromkeys(sorted(set(found) - lost, key=lambda difference: difference.index)))
    status = Status.DIFFERS if ordered else Status.VERIFIED if _has_end(spoken) or is_direct(spoken) else Status.OPEN
    checked = work.checked + join.checked + sum(is_checked(said) or is_of_the_bill(said) for said in history.said)
    return Verdict(response_id, status, len(history.said), checked, len(lost), history.heard_at, ordered)


def _lost_with_their_log(found: Iterable[Difference], history: History) -> set[Difference]:
    """Return what is missing beside a record whose log ended with its broker."""
    ended = lost_logs(history)
    beside = {said.index for said in history.said if said.entry.position.log_id in ended}
    return {each for each in found if each.absent and each.index in beside}


def _without_new_deadlines(found: Sequence[Difference], history: Sequence[Said]) -> list[Difference]:
    """What an operator put back on its topic is the same event with a deadline of its own."""
    resent = resent_events(history)
    excused = {said.index for said in history if said.event_id in resent}
    return [each for each in found if each.path != "envelope.deadline_at" or each.index not in excused]


async def _check(spoken: Sequence[Said], by_id: Mapping[str, Said], work: Verification, join: JoinVerification) -> None:
    """Check what was `spoken` for the first time; `by_id` has all that it may come from, by event id."""
    known = frozenset(by_id)
    joined: list[Said] = []
    for said in spoken:
        cause = by_id.get(said.cause_id)
        of_the_border = _is_of_the_border(said.message) and not said.reads  # the join may ask again
        if of_the_border and (cause is None or isinstance(cause.message, RequestOpened | DirectOpened)):
            continue
        if is_of_the_bill(said):
            continue
        if _is_of_the_join(cause):
            join.check(said)
            joined.append(said)
        else:
            await work.check(said, known)
    if _has_end(spoken):
        join.check_that_all_was_said(joined, known)
        if not any(isinstance(said.message, RequestCancelled) for said in spoken):
            work.check_that_all_was_said()


def _is_of_the_border(message: Message) -> bool:
    """Return whether a message comes from outside; an end that was known already is the gateway's own."""
    return message.known if isinstance(message, AnswerFinished) else isinstance(message, BORDER)


def _openings(spoken: Sequence[Said]) -> dict[str, RequestOpened]:
    return {said.event_id: said.message for said in spoken if isinstance(said.message, RequestOpened)}


def _is_of_the_join(cause: Said | None) -> bool:
    return cause is not None and type(cause.message) not in STAGES


def _has_end(spoken: Sequence[Said]) -> bool:
    return any(isinstance(said.message, AnswerFinished) for said in spoken)
