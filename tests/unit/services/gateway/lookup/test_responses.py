"""Places where a response is searched, their order, and the error when one is unavailable."""

import asyncio
from dataclasses import dataclass, field

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.origin import Origin
from libs.contracts.progress import RequestOpened
from libs.contracts.question import Question
from libs.core.errors import Retryable
from libs.core.ids import new_response_id
from libs.ports.answers import AnswerLookup, ResponseState
from libs.ports.identity import Caller
from libs.testing.fake_clock import TEST_TIME_S, FakeClock, run_jumping
from libs.testing.waiting import waiting
from services.gateway.domain.admission.shares import Shares
from services.gateway.domain.errors import RequestRefused
from services.gateway.lookup.permits import PERMIT_TIMEOUT_S
from services.gateway.lookup.responses import AT_ONCE, ResponseLookup
from tests.support.cluster import started
from tests.support.gateway import pending_replies_for

TENANT = "default"
CALLER = Caller(TENANT, user="ada", key_id="k1")
YOUNG, OLD = new_response_id(1, TEST_TIME_S - 5), new_response_id(1, TEST_TIME_S - 5000)


@dataclass
class Place:
    """Knows one thing, or is unavailable. `asked` is shared and shows the order."""

    name: str
    known: ResponseState | None
    asked: list[str] = field(default_factory=list)

    async def find(self, tenant: str, response_id: str) -> ResponseState:
        self.asked.append(self.name)
        if self.known is None:
            raise Retryable(f"{self.name} is away")
        return self.known


def opened(response_id: str) -> RequestOpened:
    question = RequestOpened(question=Question(text="Why?"), model="moe-orchestrator", accepted_at=TEST_TIME_S)
    return question.opening(Origin(response_id, TENANT, deadline_at=TEST_TIME_S + 60))


def ended(response_id: str, text: str) -> ResponseState:
    request = opened(response_id)
    return ResponseState(request, AnswerFinished(outcome="answered", text=text).after(request), started=True)


def search(log: AnswerLookup, journal: AnswerLookup | None) -> ResponseLookup:
    return ResponseLookup(pending_replies_for(8), log, journal, settled_after_s=600, clock=FakeClock())


async def refusal(of: ResponseLookup, response_id: str) -> tuple[int, int | None]:
    with pytest.raises(RequestRefused) as caught:
        await of.find(CALLER, response_id)
    return caught.value.error.status, caught.value.error.retry_after_s


async def test_while_it_may_still_end_the_log_alone_decides() -> None:
    asked: list[str] = []
    log, journal = Place("log", ended(YOUNG, "first"), asked), Place("journal", ended(YOUNG, "second"), asked)
    known = await search(log, journal).find(CALLER, YOUNG)
    assert known.end is not None
    assert (known.end.text, asked) == ("first", ["log"])


async def test_what_the_log_holds_open_is_open() -> None:
    asked: list[str] = []
    places = Place("log", ResponseState(opened(YOUNG)), asked), Place("journal", ResponseState(), asked)
    assert (await search(*places).find(CALLER, YOUNG)).end is None
    assert asked == ["log"]


async def test_later_the_journal_is_asked_first_because_it_has_an_index() -> None:
    asked: list[str] = []
    places = Place("log", ResponseState(), asked), Place("journal", ended(OLD, "kept"), asked)
    known = await search(*places).find(CALLER, OLD)
    assert known.end is not None
    assert (known.end.text, asked) == ("kept", ["journal"])


async def test_an_end_that_the_journal_does_not_have_yet_is_on_the_log() -> None:
    known = await search(Place("log", ended(OLD, "late")), Place("journal", ResponseState(opened(OLD)))).find(
        CALLER, OLD
    )
    assert known.end is not None
    assert known.end.text == "late"


async def test_a_log_that_began_anew_leaves_the_journal() -> None:
    known = await search(Place("log", ResponseState()), Place("journal", ended(YOUNG, "kept"))).find(CALLER, YOUNG)
    assert known.end is not None


@pytest.mark.parametrize("response_id", [YOUNG, OLD], ids=["young", "old"])
async def test_either_place_is_enough_while_the_other_is_away(response_id: str) -> None:
    for log, journal in ((ended(response_id, "x"), None), (None, ended(response_id, "x"))):
        known = await search(Place("log", log), Place("journal", journal)).find(CALLER, response_id)
        assert known.end is not None


@pytest.mark.parametrize("response_id", [YOUNG, OLD], ids=["young", "old"])
async def test_what_nobody_knows_does_not_exist(response_id: str) -> None:
    assert await refusal(search(Place("log", ResponseState()), Place("journal", ResponseState())), response_id) == (
        404,
        None,
    )
    assert await refusal(search(Place("log", ResponseState()), None), response_id) == (404, None)


@pytest.mark.parametrize("response_id", [YOUNG, OLD], ids=["young", "old"])
async def test_what_may_be_in_a_place_that_is_away_is_not_denied(response_id: str) -> None:
    for log, journal in ((None, ResponseState()), (ResponseState(), None), (None, None)):
        assert await refusal(search(Place("log", log), Place("journal", journal)), response_id) == (503, 2)


async def test_an_open_response_whose_log_is_away_is_not_said_to_be_open() -> None:
    assert await refusal(search(Place("log", None), Place("journal", ResponseState(opened(YOUNG)))), YOUNG) == (503, 2)


async def test_a_text_that_is_no_id_is_not_looked_for() -> None:
    asked: list[str] = []
    assert await refusal(
        search(Place("log", ResponseState(), asked), Place("journal", ResponseState(), asked)), "x"
    ) == (404, None)
    assert asked == []


class Stuck:
    """A log that is slow for one tenant."""

    async def find(self, tenant: str, response_id: str) -> ResponseState:
        if tenant == "greedy":
            await asyncio.Event().wait()
        return ended(response_id, "found")


async def test_a_tenant_whose_lookups_take_long_keeps_nobody_else_waiting() -> None:
    of = ResponseLookup(pending_replies_for(8, Shares()), Stuck(), None, settled_after_s=600, clock=FakeClock())
    works = [started(of.find(Caller("greedy", user="eve", key_id="k2"), YOUNG)) for _ in range(2 * AT_ONCE)]
    await asyncio.sleep(0)
    async with waiting(30):  # or for ever
        assert (await of.find(CALLER, YOUNG)).end is not None
    for work in works:
        work.cancel()
    await asyncio.wait(works)


def test_who_finds_no_turn_is_told_to_come_back() -> None:
    async def scenario() -> tuple[int, int | None]:
        of = ResponseLookup(pending_replies_for(8, Shares()), Stuck(), None, settled_after_s=600, clock=FakeClock())
        works = [started(of.find(Caller("greedy", user="eve", key_id="k2"), YOUNG)) for _ in range(2 * AT_ONCE)]
        await asyncio.sleep(PERMIT_TIMEOUT_S + 1)
        refused = next(work.exception() for work in works if work.done())
        for work in works:
            work.cancel()
        await asyncio.wait(works)
        assert isinstance(refused, RequestRefused)
        return refused.error.status, refused.error.retry_after_s

    assert run_jumping(scenario()) == (503, 1)
