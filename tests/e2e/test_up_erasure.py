"""`moe erase` beside a running fleet: cached answers of the erased user disappear without a restart."""

import json
from pathlib import Path

import httpx
import pytest

from libs.testing.model_server import ModelServer, pipeline_script
from libs.testing.processes import moe
from libs.testing.waiting import eventually
from tests.support.fleet_processes import body_of
from tests.support.up_fleet import UpFleet

pytestmark = [pytest.mark.embedded, pytest.mark.slow]

WITHIN_S = 60.0
QUESTION = "Why is the sky blue?"


async def asked(fleet: UpFleet, http: httpx.AsyncClient, **fields: object) -> str:
    headers = {"authorization": f"Bearer {fleet.key}"}
    body = body_of(QUESTION) | fields
    response = await http.post(f"{fleet.url}/v1/chat/completions", json=body, headers=headers)
    assert response.status_code == 200, response.text
    return response.headers["x-moe-cache"]


async def test_an_answer_is_known_until_who_asked_for_it_first_is_erased(tmp_path: Path) -> None:
    async with ModelServer(pipeline_script()) as models, httpx.AsyncClient(trust_env=False, timeout=60) as http:
        server = {"name": "scripted", "url": models.url, "api_type": "openai"}
        variables = {"INFERENCE_SERVERS": json.dumps([server]), "JUDGE_MODEL": "scripted:7b"}
        fleet = UpFleet(tmp_path / "up", variables | {"MOE_ANSWER_CACHE_SECONDS": "1800"})
        fleet.start()
        try:
            await fleet.ready()

            async def is_cached() -> bool:
                return await asked(fleet, http, user="ada") != "miss"

            await eventually(is_cached, within_s=WITHIN_S, look_every_s=0.1)  # just after it was sent
            assert await asked(fleet, http, user="bob") == "hit"
            for user, then in (("bob", "hit"), ("ada", "miss")):
                erased = await moe(fleet.place, "erase", "--tenant", "default", "--user", user, "--json")
                assert erased.code == 0, erased.errors
                assert json.loads(erased.output)["notes"] == (1 if user == "ada" else 0)
                assert await asked(fleet, http, user="carl") == then
        finally:
            fleet.end()
