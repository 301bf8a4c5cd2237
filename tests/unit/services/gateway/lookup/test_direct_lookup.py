"""Where a response of one model is looked for, and for how long."""

from dataclasses import dataclass, field

import pytest

from libs.contracts.direct import DirectOpened
from libs.contracts.records import RequestLogged
from libs.core.errors import Retryable
from libs.core.ids import new_response_id
from libs.ports.answers import DirectState
from libs.ports.identity import Caller
from libs.testing.fake_clock import TEST_TIME_S, FakeClock
from services.gateway.domain.errors import RequestRefused
from services.gateway.lookup.direct_lookup import ON_ITS_WAY_S, DirectLookup
from tests.support.direct_requests import SAID, case

OWN, OTHER = 1, 2
CALLER = Caller("default", user="ada", key_id="k1")
YOUNG, ELSEWHERE = new_response_id(OWN, TEST_TIME_S - 5), new_response_id(OTHER, TEST_TIME_S - 5)
OLD = new_response_id(OTHER, TEST_TIME_S - 7200)


@dataclass
class Place:
    """Knows one thing, or is unavailable; `late`: known only to callers that wait.

    `asked` is shared and shows the order.
    """

    name: str = "log"
    known: DirectState | None = None
    away: bool = False
    late: bool = False
    asked: list[str] = field(default_factory=list)

    async def record(self, tenant: str, response_id: str, *, within_s: float = 0.0) -> RequestLogged | None:
        self.asked.append(f"{self.name} {within_s:g}")
        if self.away:
            raise Retryable(f"{self.name} is away")
        known = self.known if isinstance(self.known, RequestLogged) else None
        return known if within_s or not self.late else None

    async def accepted(self, tenant: str, response_id: str) -> DirectOpened | None:
        if self.away:
            raise Retryable(f"{self.name} is away")
        return self.known if isinstance(self.known, DirectOpened) else None


def ended(response_id: str, user: str = "ada") -> RequestLogged:
    return case(response_id, user=user).as_record("answered", SAID).logged()


def search(*places: Place) -> DirectLookup:
    return DirectLookup(None, OWN, places, FakeClock())


async def refusal(of: DirectLookup, response_id: str) -> int:
    with pytest.raises(RequestRefused) as caught:
        await of.find(CALLER, response_id)
    return caught.value.error.status


async def test_the_log_is_asked_before_the_journal() -> None:
    log = Place(known=ended(YOUNG))
    assert await search(log, Place("journal", away=True)).find(CALLER, YOUNG) == log.known


async def test_after_an_hour_the_journal_is_asked_first() -> None:
    asked: list[str] = []
    log, journal = Place(known=ended(OLD), asked=asked), Place("journal", ended(OLD), asked=asked)
    await search(log, journal).find(CALLER, OLD)
    assert asked == ["journal 0"]


async def test_a_record_of_another_instance_is_waited_for() -> None:
    log = Place(known=ended(ELSEWHERE), late=True)
    assert await search(log).find(CALLER, ELSEWHERE) == log.known
    assert log.asked == ["log 0", f"log {ON_ITS_WAY_S:g}"]


@pytest.mark.parametrize("response_id", [YOUNG, OLD], ids=["young", "old"])
async def test_nobody_waits_for_an_own_one_or_for_an_old_one(response_id: str) -> None:
    log = Place(known=ended(response_id), late=True)
    assert await refusal(search(log), response_id) == 404
    assert log.asked == ["log 0"]


async def test_one_that_runs_elsewhere_is_told_without_waiting() -> None:
    log = Place(known=case(ELSEWHERE).as_opened(30))
    assert await search(log).find(CALLER, ELSEWHERE) == log.known
    assert log.asked == ["log 0"]


async def test_the_end_of_one_that_runs_is_waited_for() -> None:
    opened, log = case(ELSEWHERE).as_opened(30), Place(known=ended(ELSEWHERE), late=True)
    assert await search(log).end(opened, 2.0) == log.known
    assert log.asked == ["log 2"]


async def test_one_that_does_not_end_still_runs() -> None:
    opened = case(ELSEWHERE).as_opened(30)
    assert await search(Place()).end(opened, 2.0) is opened


async def test_while_a_place_is_away_nobody_says_that_there_is_none() -> None:
    assert await refusal(search(Place(), Place("journal", away=True)), YOUNG) == 503


@pytest.mark.parametrize("known", [ended(YOUNG, user="bob"), case(YOUNG, user="bob").as_opened(30)])
async def test_another_persons_is_none(known: DirectState) -> None:
    assert await refusal(search(Place(known=known)), YOUNG) == 404


async def test_an_id_that_is_none_is_asked_of_nobody() -> None:
    log = Place(known=ended(YOUNG))
    assert (await refusal(search(log), "chatcmpl-nonsense"), log.asked) == (404, [])
