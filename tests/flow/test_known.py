"""On the log, a cached answer is a request like any other."""

from pathlib import Path

from libs.contracts.model_call import Usage
from libs.contracts.question import QuestionAsked
from libs.contracts.records import KnowledgeOffered, RequestLogged
from libs.testing.model_server import ModelServer
from libs.testing.waiting import eventually
from moe.replay.verifying import Status
from tests.support.fleet import PATIENCE_S, Client, Stores, whole_fleet
from tests.support.recorded_messages import verdicts

CALLS = 5  # of an answer: planner, three experts, judge


async def logged(client: Client, count: int) -> list[RequestLogged]:
    await eventually(lambda: len(client.events(RequestLogged)) >= count, within_s=PATIENCE_S, look_every_s=0.005)
    return [entry for entry in client.events(RequestLogged) if isinstance(entry, RequestLogged)]


async def known(client: Client, text: str) -> str:
    """Answer of a question from the cache: it is stored just after it was sent."""

    async def hit() -> str | None:
        response = await client.ask(text)
        answer: str = response.json()["choices"][0]["message"]["content"]
        return answer if response.headers["x-moe-cache"] == "hit" else None

    return await eventually(hit, within_s=PATIENCE_S, look_every_s=0.05)


async def test_it_is_logged_once_paid_with_nothing_and_said_the_same_again(valkey_url: str, tmp_path: Path) -> None:
    extra = {"MOE_ANSWER_CACHE_SECONDS": "60", "MOE_ANSWER_CACHE_MIN_CHARS": "5"}
    text = f"How large should connection pools of {tmp_path.name} be, see #k1?"
    async with ModelServer() as models, whole_fleet(Stores(models.url, valkey_url, tmp_path, extra)) as client:
        first = await client.answer(text)
        again = await known(client, f"  {text.removesuffix('?')} ")
        assert await known(client, text) == again
        misses = len(client.events(QuestionAsked))
        entries = await logged(client, misses + 2)
        found = await verdicts(client)
    assert len(models.calls) == CALLS * misses
    *_, one, hit, other = sorted(entries, key=lambda entry: entry.cache_hit)
    assert [entry.cache_hit for entry in entries].count(True) == 2
    assert (one.answer, other.answer, hit.usage, other.usage) == (first, first, Usage(), Usage())
    assert one.expert_models_used == other.expert_models_used != ()
    assert len(client.events(KnowledgeOffered)) == misses
    assert [(verdict.status, verdict.differences) for verdict in found] == [(Status.VERIFIED, ())] * (misses + 2)
