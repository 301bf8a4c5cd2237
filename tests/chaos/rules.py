"""The promises, one rule each: a function from a case to the violations it finds."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from math import inf

from tests.chaos.case import Case, Rule, Violation
from tests.chaos.evidence import Said
from tests.chaos.figures import windows
from tests.chaos.nemesis import LEADER
from tests.chaos.sameness import enough_was_copied, one_name_one_body, the_chain_is_whole, the_same_events


def accepted_is_on_the_log(case: Case) -> Iterator[Violation]:
    """A gateway records a request before it accepts it."""
    for entry in case.history:
        if entry.response_id and entry.response_id not in case.opened:
            yield Violation("accepted", entry.response_id, "a client was given this id, but the log does not know it")


def every_request_ends(case: Case) -> Iterator[Violation]:
    """Each accepted request has an end, where its gateway reads and where the join reads."""
    for response_id, opened in case.opened.items():
        if response_id not in case.first:
            yield Violation("lost", response_id, f"{opened.token} was accepted and never ended")
        elif response_id not in case.facts:
            yield Violation("lost", response_id, "the join was never told the end")


def every_end_is_in_time(case: Case) -> Iterator[Violation]:
    for response_id, end in case.first.items():
        if (late_s := end.at - case.opened[response_id].deadline_at) > case.bars.slack_s:
            yield Violation("late", response_id, f"ended {late_s:.1f} s after its deadline")


def one_truth(case: Case) -> Iterator[Violation]:
    """The join and the public record hold the same end as the gateway."""
    for end in (*case.facts.values(), *case.evidence.logged):
        first = case.first.get(end.response_id)
        if first is not None and _differ(first, end) and not case.raced_a_cancel(end.response_id):
            yield Violation("split", end.response_id, f"the client is told {_told(first)}, others {_told(end)}")


def ends_once(case: Case) -> Iterator[Violation]:
    """Two different ends may race; an end long after the first shows that its stage missed the first."""
    for end in (*case.evidence.replies, *case.evidence.facts):
        first = case.first.get(end.response_id)
        if first is not None and _differ(first, end) and end.at - first.at > case.bars.race_s:
            yield Violation("second", end.response_id, f"{_told(end)} {end.at - first.at:.1f} s after {_told(first)}")


def clients_saw_the_end(case: Case) -> Iterator[Violation]:
    """The end that a client received is the first end; a partial answer is a prefix of it."""
    for entry in case.history:
        end = case.first.get(entry.response_id)
        if entry.op == "fault" or end is None:
            continue
        if entry.phase == "ok" and (end.outcome, end.text) != ("answered", entry.text):
            yield Violation("visible", entry.response_id, f"a client read {entry.text[:60]!r}, the end is {_told(end)}")
        if entry.phase == "fail" and end.outcome == "answered":
            yield Violation("visible", entry.response_id, f"a client was told {entry.code}, the end is an answer")
        if entry.phase == "unknown" and end.outcome == "answered" and not end.text.startswith(entry.text):
            yield Violation("visible", entry.response_id, f"a client read {entry.text[-60:]!r} of another answer")


def streams_are_taken_up_again(case: Case) -> Iterator[Violation]:
    """A client that resumed a broken stream received the end. A client that left does not return."""
    told = {entry.token for entry in case.history if entry.op != "lookup" and entry.phase in ("ok", "fail")}
    for entry in case.history:
        if entry.op == "lookup" and entry.phase == "unknown":
            yield Violation("resume", entry.response_id, f"is over, but a gateway says {entry.code}")
        broke = entry.op == "stream" and entry.phase == "unknown" and entry.response_id
        if broke and entry.token not in told:
            yield Violation("resume", entry.response_id, f"broke off ({entry.code}) and could not be taken up again")


def answers_belong_to_their_question(case: Case) -> Iterator[Violation]:
    for entry in case.history:
        if entry.phase == "ok" and entry.op != "fault" and not _mentions(entry.text, entry.token):
            yield Violation("foreign", entry.response_id, f"asked with {entry.token}, read {entry.text[:60]!r}")
    for response_id, end in case.first.items():
        token = case.opened[response_id].token
        if end.text and not _mentions(end.text, token):
            yield Violation("foreign", response_id, f"asked with {token}, ended with {end.text[:60]!r}")


def tenants_stay_apart(case: Case) -> Iterator[Violation]:
    """Only messages of its own tenant affect a request."""
    for end in case.evidence.logged:
        opened = case.opened.get(end.response_id)
        if opened is not None and end.tenant != opened.tenant:
            yield Violation("tenant", end.response_id, f"opened by {opened.tenant}, recorded by {end.tenant}")
    own = _cancels(case)
    for response_id, end in case.first.items():
        if end.outcome == "cancelled" and response_id not in own:
            yield Violation("tenant", response_id, "is cancelled, but its own tenant has not cancelled it")


def calls_stop(case: Case) -> Iterator[Violation]:
    """No model is called for a request that is over, late or cancelled; a call that runs then is cancelled."""
    cancels = _cancels(case)
    for call in case.evidence.called:
        if (opened := case.by_token.get(call.token)) is None:
            continue
        response_id, end = opened.response_id, case.first.get(opened.response_id)
        over = {"its deadline": opened.deadline_at, "its cancel": cancels.get(response_id, inf)}
        for what, at in over.items():
            if call.ended > at + case.bars.stop_s:
                yield Violation("call", response_id, f"{call.stage} still at work {call.ended - at:.1f} s after {what}")
        if end is not None and not case.bars.repeats and call.started > end.at + case.bars.stop_s:
            yield Violation("call", response_id, f"{call.stage} asked {call.started - end.at:.1f} s after its end")


def work_is_done_once(case: Case) -> Iterator[Violation]:
    """Without a crash, no model is called twice with the same prompt."""
    if case.bars.repeats:
        return
    times = Counter((call.token, call.stage, call.prompt) for call in case.evidence.called)
    for (token, stage, _), count in times.items():
        if count > 1:
            yield Violation("repeated", token, f"{stage} was asked the same thing {count} times")


def the_journal_is_whole(case: Case) -> Iterator[Violation]:
    if case.evidence.journal is None:
        return
    for topic, partition, offset in sorted(case.evidence.log - case.evidence.journal):
        yield Violation("journal", f"{topic}/{partition}@{offset}", "is on the log and not in the journal")


def every_answer_can_be_made_again(case: Case) -> Iterator[Violation]:
    """From the journal alone, byte by byte."""
    if case.evidence.replayed is None:
        return
    replayed = {each.response_id: each for each in case.evidence.replayed}
    for response_id in case.opened:
        if (verdict := replayed.get(response_id)) is None:
            yield Violation("replay", response_id, "is unknown to replay")
        elif verdict.status != "verified" and not case.raced_a_cancel(response_id):
            yield Violation("replay", response_id, f"{verdict.status} {verdict.difference}")


def dead_letters_are_the_poison(case: Case) -> Iterator[Violation]:
    for topic, partition, offset in sorted(case.evidence.injected - case.evidence.dead):
        yield Violation("poison", f"{topic}/{partition}@{offset}", "was injected and is no dead letter")
    for topic, partition, offset in sorted(case.evidence.dead - case.evidence.injected):
        yield Violation("poison", f"{topic}/{partition}@{offset}", "is a dead letter that was not injected")


def enough_was_answered(case: Case) -> Iterator[Violation]:
    """A fleet that rejects every request breaks no other rule."""
    answered = len({entry.token for entry in case.history if entry.op != "fault" and entry.phase == "ok"})
    if answered < case.bars.answered:
        yield Violation("guard", "all", f"only {answered} answers were read, at least {case.bars.answered} must be")


def leaders_are_elected(case: Case) -> Iterator[Violation]:
    """No request is lost either by a fleet that waits until its broker is back."""
    within_s = case.bars.elected_s
    if within_s is None:
        return
    own = [entry for entry in case.history if entry.op in ("whole", "stream")]
    asked = {entry.token: entry.t for entry in own if entry.phase == "invoke"}
    answered = [(asked[entry.token], entry.t) for entry in own if entry.phase == "ok" and entry.token in asked]
    for gone_at, _ in windows(entry for entry in case.history if entry.process == LEADER):
        if not any(gone_at <= asked_at and told_at <= gone_at + within_s for asked_at, told_at in answered):
            yield Violation("elected", "all", f"nothing was answered in {within_s} s after the kill at {gone_at}")


def releases_worked(case: Case) -> Iterator[Violation]:
    """An upgrade of a fleet that ran the present code before breaks no other rule."""
    versions = Counter(stage for stage, _ in case.evidence.worked)
    for stage in versions if case.bars.releases > 1 else ():
        if versions[stage] < case.bars.releases:
            yield Violation("guard", stage, f"worked with {versions[stage]} versions of the code alone")
    if case.bars.releases > 1 and not versions:
        yield Violation("guard", "all", "no stage has described itself")


RULES: tuple[Rule, ...] = (
    accepted_is_on_the_log,
    every_request_ends,
    every_end_is_in_time,
    one_truth,
    ends_once,
    clients_saw_the_end,
    streams_are_taken_up_again,
    answers_belong_to_their_question,
    tenants_stay_apart,
    calls_stop,
    work_is_done_once,
    the_journal_is_whole,
    the_chain_is_whole,
    every_answer_can_be_made_again,
    dead_letters_are_the_poison,
    one_name_one_body,
    the_same_events,
    enough_was_answered,
    enough_was_copied,
    leaders_are_elected,
    releases_worked,
)


def _differ(one: Said, other: Said) -> bool:
    return (one.outcome, one.text) != (other.outcome, other.text)


def _told(end: Said) -> str:
    return f"{end.outcome} {end.text[:40]!r}" if end.text else end.outcome


def _mentions(text: str, token: str) -> bool:
    """Whole words only: `#a1` is not in `#a12`."""
    return re.search(rf"{re.escape(token)}(?!\w)", text) is not None


def _cancels(case: Case) -> dict[str, float]:
    """First cancellation of each request by its own tenant; an unavailable broker delivers it later."""
    outages = windows(entry for entry in case.history if entry.process.startswith("kafka"))
    return {
        each.response_id: _carried(each.at, outages, case.bars.slack_s)
        for each in reversed(case.evidence.cancelled)
        if each.response_id in case.opened and case.opened[each.response_id].tenant == each.tenant
    }


def _carried(at: float, outages: Iterable[tuple[float, float]], slack_s: float) -> float:
    """Time at which a record could be consumed: after a broker outage, once all clients have reconnected.

    The timestamp of a record is its producer's, not the broker's.
    """
    found_again = ((gone_at, back_at + slack_s) for gone_at, back_at in outages)
    return next((by for gone_at, by in found_again if gone_at <= at <= by), at)
