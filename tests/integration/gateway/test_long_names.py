"""The name of a model is bounded: each usage record contains it, and a record that is too large is lost."""

from pathlib import Path

import pytest

from libs.testing.model_server import Reply, Rule
from services.gateway.domain.body.chat import MOST_NAME_CHARACTERS
from tests.support.direct_gateway import DirectSetting, direct_gateway

AT = "@scripted"
MESSAGES = [{"role": "user", "content": "Hi"}]
BODIES: dict[str, dict[str, object]] = {
    "/v1/chat/completions": {"messages": MESSAGES},
    "/v1/messages": {"messages": MESSAGES, "max_tokens": 9},
    "/v1/responses": {"input": "Hi"},
    "/v1/completions": {"prompt": "Hi"},
    "/api/chat": {"messages": MESSAGES, "stream": False},
    "/api/generate": {"prompt": "Hi", "stream": False},
}


@pytest.mark.parametrize("path", BODIES)
async def test_a_longer_name_of_a_model_is_rejected(tmp_path: Path, path: str) -> None:
    async with direct_gateway(DirectSetting(tmp_path), Rule(Reply("Hello."))) as direct:
        for length, status in ((MOST_NAME_CHARACTERS, 200), (MOST_NAME_CHARACTERS + 1, 400), (2_000_000, 400)):
            body = {**BODIES[path], "model": "m" * (length - len(AT)) + AT}
            assert (await direct.gateway.client.post(path, json=body)).status_code == status
        assert len(direct.models.log.calls) == 1
