"""An answer that is known already is a request like any other to whoever reads the log."""

import asyncio
from pathlib import Path

from libs.contracts.message import Message
from libs.contracts.model_call import Usage
from libs.contracts.question import QuestionAsked
from libs.contracts.records import KnowledgeOffered, RequestLogged
from libs.testing.model_server import ModelServer
from services.replaying.verifying import Status
from tests.flow.fleet import Client, Stores, whole_fleet
from tests.flow.recording import verdicts


async def logged(client: Client, count: int) -> list[Message]:
    async with asyncio.timeout(10):
        while len(found := client.events(RequestLogged)) < count:  # noqa: ASYNC110 - the log tells nobody when it grows
            await asyncio.sleep(0.005)
    return found


async def test_it_is_logged_once_paid_with_nothing_and_said_the_same_again(valkey_url: str, tmp_path: Path) -> None:
    extra = {"MOE_ANSWER_CACHE_SECONDS": "60", "MOE_ANSWER_CACHE_MIN_CHARS": "5"}
    text = f"How large should connection pools of {tmp_path.name} be, see #k1?"
    async with ModelServer() as models, whole_fleet(Stores(models.url, valkey_url, tmp_path, extra)) as client:
        first = await client.answer(text)
        await logged(client, 1)
        asked = len(models.calls)
        assert await client.answer(text.upper()) == first
        one, other = await logged(client, 2)
        found = await verdicts(client)
    assert len(models.calls) == asked
    assert isinstance(one, RequestLogged)
    assert isinstance(other, RequestLogged)
    assert (one.cache_hit, other.cache_hit) == (False, True)
    assert (one.answer, other.answer, other.usage) == (first, first, Usage())
    assert one.expert_models_used == other.expert_models_used != ()
    assert (len(client.events(QuestionAsked)), len(client.events(KnowledgeOffered))) == (1, 1)
    assert [(verdict.status, verdict.differences) for verdict in found] == [(Status.VERIFIED, ())] * 2
