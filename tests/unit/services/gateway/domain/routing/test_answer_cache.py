"""Equality of questions, conditions for caching, and removal after a bad rating."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from libs.adapters.valkey.subject_encryption import SubjectEncryption
from libs.adapters.valkey.tenant_encryption import TenantEncryption
from libs.contracts.answer import AnswerFinished
from libs.contracts.origin import Origin
from libs.contracts.question import Question, Turn
from libs.contracts.staffing import Staffing
from libs.core.ids import new_response_id
from libs.testing.fake_clock import TEST_TIME_S, FakeClock
from libs.testing.fake_key_values import FakeKeyValues
from services.gateway.domain.body.chat import read_chat_body
from services.gateway.domain.cached_answer_record import read_cached_answer_record
from services.gateway.domain.question.fleet_question import InferenceRequest
from services.gateway.domain.routing.answer_cache import AnswerCachePolicy, is_cacheable, normalised, question_key
from services.gateway.domain.routing.decide import ToFleet
from services.gateway.key_values.answer_cache import AnswerCache
from services.gateway.key_values.personal import EncryptedValues
from services.gateway.outbox import Outbox

PLAIN = ToFleet("moe-orchestrator", Question(text="Why is the sky blue?"))
TEXT = "Because short waves of sunlight are scattered more than long ones are."
KEY = question_key(PLAIN)
ORIGIN, NEXT = new_response_id(1, TEST_TIME_S), new_response_id(1, TEST_TIME_S + 1)


@pytest.mark.parametrize("text", ["Why is the sky blue", "  Why is\t the  sky blue ? ", "Why is the sky blue.\n"])
def test_blanks_and_a_last_sign_make_no_other_question(text: str) -> None:
    assert question_key(replace(PLAIN, question=Question(text=text))) == KEY


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Convert 5 MW to watts", "Convert 5 mW to watts"),
        ("What is 5!?", "What is 5?"),
        ("What is 5!", "What is 5"),
        ("Decode base64 QUJD", "Decode base64 qujd"),
        ("SHA-256 of 'Hello'", "SHA-256 of 'hello'"),
        ("SHA-256 of 'a  b'", "SHA-256 of 'a b'"),
        ("What does this print?\nif x:\n    y()\nz()", "What does this print?\nif x:\n    y()\n    z()"),
    ],
)
def test_what_has_another_answer_is_another_question(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@pytest.mark.parametrize(
    "other",
    [
        replace(PLAIN, question=Question(text="Why is the sky, blue?")),
        replace(PLAIN, model="claude-sonnet"),
        replace(PLAIN, staffing=Staffing(template="t", version=1)),
        replace(PLAIN, question=PLAIN.question.model_copy(update={"mode": "code"})),
        replace(PLAIN, question=PLAIN.question.model_copy(update={"instructions": "Be brief."})),
        replace(PLAIN, question=PLAIN.question.model_copy(update={"history": (Turn(speaker="user", text="Hi"),)})),
        replace(PLAIN, question=PLAIN.question.model_copy(update={"history": (Turn(speaker="assistant", text="Hi"),)})),
        replace(PLAIN, question=PLAIN.question.model_copy(update={"max_tokens": 9})),
        replace(PLAIN, question=PLAIN.question.model_copy(update={"temperature": 0.0})),
        replace(PLAIN, question=PLAIN.question.model_copy(update={"language": "de"})),
    ],
)
def test_whatever_an_answer_depends_on_makes_another_question(other: ToFleet) -> None:
    assert question_key(other) != KEY


def test_two_versions_of_a_template_are_two_questions() -> None:
    keys = {question_key(replace(PLAIN, staffing=Staffing(template="t", version=number))) for number in (1, 2)}
    assert len(keys) == 2


def test_an_empty_question_stays_one() -> None:
    assert normalised(" ? ") == ""


@pytest.mark.parametrize(
    ("decision", "fields", "cache_control", "may"),
    [
        (PLAIN, {}, "", True),
        (PLAIN, {}, "max-age=60", True),
        (PLAIN, {"no_cache": True}, "", False),
        (PLAIN, {}, "no-cache", False),
        (PLAIN, {}, "private, no-store", False),
        (replace(PLAIN, cache=False), {}, "", False),
        (replace(PLAIN, question=Question(text="Why?", mode="plan")), {}, "", False),
    ],
)
def test_who_wants_a_new_answer_gets_one(
    decision: ToFleet, fields: dict[str, bool], cache_control: str, *, may: bool
) -> None:
    chat = read_chat_body({"model": "m", "messages": [{"role": "user", "content": "Why?"}]})
    assert is_cacheable(decision, InferenceRequest(chat, {}, **fields), cache_control) is may  # type: ignore[arg-type]  # flags only


def answer(text: str = TEXT, response_id: str = "", **more: object) -> AnswerFinished:
    origin = Origin(response_id or new_response_id(1, TEST_TIME_S), "acme", deadline_at=TEST_TIME_S)
    fields = {"outcome": "answered", "text": text, "sources": ("m@s::general",), **more}
    return AnswerFinished.model_validate(fields).opening(origin)


def known(notes: FakeKeyValues | None = None, *, capacity: int = 1024) -> AnswerCache:
    personal = EncryptedValues(notes or FakeKeyValues(), SubjectEncryption(TenantEncryption("a signing key")))
    return AnswerCache(
        personal, AnswerCachePolicy(), Outbox(Path("nothing is written"), capacity, read_cached_answer_record)
    )


async def test_nothing_is_known_while_nothing_can_be_recorded() -> None:
    notes = FakeKeyValues()
    await known(notes).store("acme", KEY, answer())
    assert await known(notes).find("acme", KEY) is not None
    assert await known(notes, capacity=0).find("acme", KEY) is None


async def test_an_answer_is_found_by_its_tenant_alone() -> None:
    answers = known()
    await answers.store("acme", KEY, answer())
    found = await answers.find("acme", KEY)
    assert found is not None
    assert (found.text, found.sources) == (TEXT, ("m@s::general",))
    assert await answers.find("other", KEY) is None
    assert await answers.find("acme", KEY + b"x") is None


async def test_notes_tell_nothing_to_who_reads_them() -> None:
    notes = FakeKeyValues()
    await known(notes).store("acme", KEY, answer())
    assert notes.values
    assert b"waves" not in repr(notes.values).encode()
    assert "sky" not in repr(notes.values)


@pytest.mark.parametrize(
    "end",
    [
        answer("x" * 50),
        answer(truncated=True),
        answer(partial=True),
        answer(outcome="failed"),
        answer(outcome="expired"),
        answer(outcome="cancelled"),
    ],
)
async def test_what_is_no_whole_answer_is_not_kept(end: AnswerFinished) -> None:
    answers = known()
    await answers.store("acme", KEY, end)
    assert await answers.find("acme", KEY) is None


async def test_an_answer_is_forgotten_after_half_an_hour() -> None:
    clock = FakeClock()
    answers = known(FakeKeyValues(clock))
    await answers.store("acme", KEY, answer())
    clock.advance(1799)
    assert await answers.find("acme", KEY) is not None
    clock.advance(2)
    assert await answers.find("acme", KEY) is None


async def test_a_bad_rating_of_any_response_that_it_was_given_as_takes_it_away() -> None:
    for rated in (ORIGIN, "repeated"):
        answers, end = known(), answer(response_id=ORIGIN)
        await answers.store("acme", KEY, end)
        await answers.record_hit("acme", KEY, "repeated")
        await answers.evict("other", rated)
        assert await answers.find("acme", KEY) is not None
        await answers.evict("acme", rated)
        assert await answers.find("acme", KEY) is None


async def test_an_answer_that_was_rated_badly_before_it_was_noted_is_never_given() -> None:
    answers = known()
    await answers.evict("acme", ORIGIN)
    await answers.store("acme", KEY, answer(response_id=ORIGIN))
    assert await answers.find("acme", KEY) is None


async def test_an_answer_that_is_noted_while_it_is_rated_badly_is_taken_away() -> None:
    notes = RatedMeanwhile()
    answers = known(notes)
    notes.rate = lambda: answers.evict("acme", ORIGIN)
    await answers.store("acme", KEY, answer(response_id=ORIGIN))
    assert notes.rate is None
    assert await answers.find("acme", KEY) is None


async def test_a_response_that_is_rated_before_it_is_noted_takes_its_answer_away() -> None:
    answers = known()
    await answers.store("acme", KEY, answer(response_id=ORIGIN))
    await answers.evict("acme", NEXT)
    assert await answers.find("acme", KEY) is not None
    await answers.record_hit("acme", KEY, NEXT)
    assert await answers.find("acme", KEY) is None


class RatedMeanwhile(FakeKeyValues):
    """Store in which a response is rated between claim and put."""

    rate: Callable[[], Awaitable[None]] | None = None

    async def put(self, name: str, value: bytes, life_s: int, *, under: Sequence[str] = ()) -> None:
        if self.rate is not None and ":answer:" in name:
            rate, self.rate = self.rate, None
            await rate()
        await super().put(name, value, life_s, under=under)


async def test_after_a_bad_answer_a_better_one_is_kept() -> None:
    answers = known()
    await answers.store("acme", KEY, answer(response_id=ORIGIN))
    await answers.evict("acme", ORIGIN)
    await answers.store("acme", KEY, answer(TEXT.upper(), response_id=NEXT))
    found = await answers.find("acme", KEY)
    assert found is not None
    assert found.text == TEXT.upper()


async def test_without_its_store_nothing_is_known_and_nothing_fails() -> None:
    answers = known(FakeKeyValues(away=True))
    await answers.store("acme", KEY, answer())
    await answers.record_hit("acme", KEY, "x")
    await answers.evict("acme", "x")
    assert await answers.find("acme", KEY) is None


async def test_no_seconds_to_live_is_no_cache() -> None:
    answers = replace(known(), policy=AnswerCachePolicy(life_s=0))
    await answers.store("acme", KEY, answer())
    assert await answers.find("acme", KEY) is None
