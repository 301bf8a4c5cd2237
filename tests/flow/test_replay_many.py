"""Many concurrent requests: a replay reproduces each of their records."""

import asyncio
from pathlib import Path

from libs.testing.model_server import Fault, ModelServer, Reply, Rule, error_reply, pipeline_script
from moe.replay.network import network_shut
from moe.replay.verifying import Status
from tests.support.fleet import Stores, whole_fleet
from tests.support.recorded_messages import journal_of, verdict_on
from tests.support.scenes import settled

TROUBLE = (
    Rule(Reply(fault=Fault("hang_up")), stage="planner", times=9),
    Rule(error_reply(400, "no"), stage="expert", times=20),
    Rule(error_reply(503, retry_after="0"), stage="expert", times=30),
    Rule(Reply(text=""), stage="expert", times=10),
    Rule(Reply(text="", fault=Fault("truncate", after=3)), stage="judge", times=10),
)


async def test_many_requests_say_the_same_again_with_the_network_shut(
    valkey_url: str, tmp_path: Path, *, whole: bool
) -> None:
    planned, exact = (150, 50) if whole else (60, 20)  # most of it is failures: each kind occurs dozens of times
    async with (
        ModelServer((*TROUBLE, *pipeline_script())) as models,
        whole_fleet(Stores(models.url, valkey_url, tmp_path), tools=True) as client,
    ):
        await asyncio.gather(*(client.ask(f"How large should pools be, see #m{n}?") for n in range(planned)))
        await asyncio.gather(*(client.ask(f"What is {n} * 23?") for n in range(exact)))
        await settled(client)
        journal = journal_of(client)
    with network_shut():
        verdicts = [await verdict_on(journal, response_id) for response_id in journal.requests()]
    assert len(verdicts) == planned + exact
    assert [verdict for verdict in verdicts if verdict.status is not Status.VERIFIED] == []
