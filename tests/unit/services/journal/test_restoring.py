"""The restorer: lost records are published once and marked, then the fleet is ready."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from libs.contracts.message import Message
from libs.contracts.progress import PartCompleted, RequestOpened, RequestRestored
from libs.contracts.records import FeedbackGiven
from libs.core.errors import Rejected, Retryable
from libs.core.ids import new_response_id
from libs.core.tasks import TaskSet
from libs.ports.journal import Claims, Journaled, JournalEntry, Position
from libs.ports.write_ahead import Contribution, PendingRequest
from libs.runtime.messaging.codec import encode
from libs.runtime.messaging.signing import Signer
from libs.testing.fake_clock import FakeClock
from libs.testing.fake_publisher import FakePublisher
from libs.testing.waiting import eventually
from services.journal.restoring import Restorer, RestoringIntervals
from tests.unit.services.journal.domain.test_restoration import NOW, OPENED, PLAN, part

SIGNER = Signer(b"a signing key for tests")


@dataclass
class FakeRequests:
    """Stored requests, in memory; `noted` are requests that were moved."""

    open: list[PendingRequest]
    contributed: list[Contribution] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)
    swept: int = 0

    async def find_lost(self, limit: int) -> Sequence[PendingRequest]:
        return [kept for kept in self.open if kept.opened.envelope.response_id not in self.noted][:limit]

    async def mark_moved(self, request: PendingRequest) -> None:
        self.noted.append(request.opened.envelope.response_id)

    async def unjournaled(self, limit: int) -> Sequence[Contribution]:
        return self.contributed[:limit]

    async def mark_republished(self, contribution: Contribution) -> None:
        self.contributed.remove(contribution)

    async def delete_ended(self) -> int:
        self.swept += 1
        return 0


@dataclass
class FakeJournal:
    """Has the rows of every response; `away` readings fail first."""

    rows: tuple[Journaled, ...] = ()
    away: int = 0

    async def history(self, response_id: str, tenant: str | None = None) -> tuple[Journaled, ...]:
        if self.away > 0:
            self.away -= 1
            raise Retryable("the store is away")
        return tuple(row for row in self.rows if row.entry.claims.response_id == response_id)

    async def of_schemas(
        self, schemas: Sequence[str], since_ms: int = 0, tenant: str | None = None
    ) -> tuple[Journaled, ...]:
        return ()

    async def latest_log(self) -> str:
        return ""


def rows(*messages: Message, signer: Signer = SIGNER, log_id: str = "log-1") -> tuple[Journaled, ...]:
    records = [record for message in messages for record in encode(message, signer)]
    entries = [
        JournalEntry(
            Position(log_id, record.topic.name, 0, offset),
            int(NOW * 1000),
            record.key,
            record.headers,
            record.value,
            Claims.of(record.headers, record.key),
        )
        for offset, record in enumerate(records)
    ]
    return tuple(Journaled(entry, NOW) for entry in entries)


def restorer(requests: FakeRequests, journal: FakeJournal | None = None) -> Restorer:
    @asynccontextmanager
    async def opened() -> AsyncIterator[FakeRequests]:
        yield requests

    rules = RestoringIntervals(pause_s=0.001, again_s=0.001)
    return Restorer(opened, journal or FakeJournal(), SIGNER, rules, FakeClock(NOW))


def kept(number: int = 0) -> PendingRequest:
    if number == 0:
        return PendingRequest(OPENED, times=0)
    origin = replace(OPENED.envelope.origin, response_id=new_response_id(number, NOW))
    return PendingRequest(RequestOpened(**dict(OPENED)).opening(origin), times=0)


async def test_what_the_journal_has_is_said_beside_the_kept_request() -> None:
    fleet = FakePublisher()
    journal = FakeJournal(rows(OPENED, PLAN, part("a")))
    await restorer(FakeRequests([kept()]), journal).round(FakeRequests([kept()]), fleet)
    assert fleet.schemas() == ["request-restored.v1", "plan-drafted.v1", "part-completed.v1", "request-opened.v1"]


async def test_what_nobody_of_ours_has_signed_is_not_said_again() -> None:
    fleet = FakePublisher()
    forged = rows(PLAN, part("a"), signer=Signer(b"the key of somebody else"))
    await restorer(FakeRequests([]), FakeJournal(forged)).round(FakeRequests([kept()]), fleet)
    assert fleet.schemas() == ["request-restored.v1", "request-opened.v1"]


async def test_what_was_erased_is_not_said_again() -> None:
    fleet = FakePublisher()
    erased = tuple(replace(row, erased=True) for row in rows(PLAN))
    await restorer(FakeRequests([]), FakeJournal(erased)).round(FakeRequests([kept()]), fleet)
    assert fleet.schemas() == ["request-restored.v1", "request-opened.v1"]


async def test_the_older_log_is_told_first() -> None:
    fleet = FakePublisher()
    older = tuple(replace(row, received_at=NOW - 60) for row in rows(part("a", "older"), log_id="log-9"))
    newer = rows(part("a", "newer"), log_id="log-1")
    await restorer(FakeRequests([]), FakeJournal(newer + older)).round(FakeRequests([kept()]), fleet)
    (restored,) = [message for message in fleet.published if isinstance(message, PartCompleted)]
    assert restored.finding is not None
    assert restored.finding.text == "older"


async def test_every_lost_request_is_restored_and_noted_once(caplog: pytest.LogCaptureFixture) -> None:
    fleet, requests = FakePublisher(), FakeRequests([kept(number) for number in range(20)])
    with caplog.at_level(logging.INFO):
        await restorer(requests).round(requests, fleet)
        await restorer(requests).round(requests, fleet)
    assert len([message for message in fleet.published if isinstance(message, RequestRestored)]) == 20
    assert len(requests.noted) == 20
    assert [record.message for record in caplog.records] == [
        "restored 20 requests: 0 answered before, 20 continued, 0 expired"
    ]


async def test_what_no_log_takes_holds_up_nothing_behind_it() -> None:
    class Refusing(FakePublisher):
        async def publish(self, *messages: Message) -> None:
            if any(message.envelope.response_id in bad for message in messages):
                raise Rejected("half a character is none")
            await super().publish(*messages)

    bad = {kept(0).opened.envelope.response_id, rated(1).envelope.response_id}
    fleet = Refusing()
    requests = FakeRequests([kept(number) for number in range(3)], [rated(1), rated(2)])
    await restorer(requests).round(requests, fleet)
    assert len(requests.noted) == 3
    assert requests.contributed == []
    assert not bad & {message.envelope.response_id for message in fleet.published}
    assert len([message for message in fleet.published if isinstance(message, RequestRestored)]) == 2


async def test_what_was_contributed_is_said_again_once_as_it_was(caplog: pytest.LogCaptureFixture) -> None:
    ratings = [rated(number) for number in range(1, 6)] * 4
    fleet, requests = FakePublisher(), FakeRequests([], list[Contribution](ratings))
    with caplog.at_level(logging.INFO):
        await restorer(requests).round(requests, fleet)
        await restorer(requests).round(requests, fleet)
    assert fleet.published == ratings
    assert [message.envelope for message in fleet.published] == [rating.envelope for rating in ratings]
    assert [record.message for record in caplog.records] == ["said 20 ratings and sessions to remember again"]


async def test_a_contribution_is_noted_only_when_the_log_has_taken_it() -> None:
    fleet, requests = FakePublisher(away=1), FakeRequests([], [rated(1)])
    with pytest.raises(Retryable):
        await restorer(requests).round(requests, fleet)
    assert requests.contributed == [rated(1)]


async def test_a_request_is_noted_only_when_the_log_has_taken_it() -> None:
    fleet, requests = FakePublisher(away=1), FakeRequests([kept()])
    with pytest.raises(Retryable):
        await restorer(requests).round(requests, fleet)
    assert requests.noted == []


async def test_a_fleet_is_ready_when_all_is_restored_and_not_before() -> None:
    fleet, requests = FakePublisher(away=2), FakeRequests([kept()])
    worker, errors = restorer(requests, FakeJournal(away=3)), list[BaseException]()
    fleet.gate.clear()
    tasks = TaskSet(errors.append)
    tasks.start(worker.work(fleet))
    await eventually(lambda: fleet.waiting > 0)
    assert await worker() == "in_progress"
    fleet.gate.set()
    await eventually(lambda: requests.swept > 0)
    assert await worker() is None
    assert requests.noted == [OPENED.envelope.response_id]
    await eventually(lambda: requests.swept > 2)
    await tasks.cancel()
    assert errors == []


def rated(rating: int) -> FeedbackGiven:
    given = FeedbackGiven(response_id=OPENED.envelope.response_id, rating=rating, positive=rating > 3, ts=NOW)
    return given.after(OPENED)
