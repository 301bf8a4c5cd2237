"""Behaviour of a client whose gateway ends."""

from pathlib import Path

import pytest

from libs.testing.http_client import crowd_client
from libs.testing.model_server import Fault, ModelServer, Reply, Rule
from libs.testing.model_server.script import FaultKind
from tests.chaos.client import Client, Errand
from tests.chaos.history import History


@pytest.mark.parametrize("kind", ["hang_up", "reset", "truncate"])
async def test_whatever_becomes_of_a_connection_the_client_tells_and_does_not_raise(
    kind: FaultKind, tmp_path: Path
) -> None:
    async with ModelServer([Rule(Reply("text", fault=Fault(kind)))]) as gateway, crowd_client() as http:
        with History(tmp_path / "history.jsonl") as history:
            client = Client("client", [gateway.url.removesuffix("/v1")], http, history, patience_s=1.0)
            await client.run(Errand("#a1", "Why, see #a1?", stream=False))
    assert history.entries[0].phase == "invoke"
    assert {entry.phase for entry in history.entries[1:]} <= {"unknown", "refused"}
    assert len(history.entries) > 1
