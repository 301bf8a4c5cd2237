"""The modes where the model is small: it cannot merge and keeps no contract; the rules of a mode hold all the same."""

import json
from pathlib import Path

import pytest

from libs.contracts.progress import PlanDrafted
from libs.testing.model_server import ModelServer
from tests.support.fleet import Stores, whole_fleet

QUESTION = "How large should connection pools be, see #{}?"


@pytest.mark.parametrize(
    ("mode", "beginning"),
    [
        ("agent", "A plain answer to #s1"),
        ("agent-orchestrated", "A plain answer to #s1"),
        ("plan", "## Plan\n\n1. **general**: How large"),
        ("report", "# Report\n\nA plain answer to #s1"),
    ],
)
async def test_a_small_model_answers_in_every_mode_with_one_call(
    mode: str, beginning: str, valkey_url: str, tmp_path: Path
) -> None:
    async with ModelServer() as models:
        server = [{"name": "tiny", "url": models.url, "api_type": "openai", "small": True}]
        stores = Stores(models.url, valkey_url, tmp_path, {"INFERENCE_SERVERS": json.dumps(server)})
        async with whole_fleet(stores) as client:
            model = f"moe-orchestrator-{mode}"
            whole = await client.answer(QUESTION.format("s1"), model=model)
            assert whole.startswith(beginning)
            assert len(models.calls) == 1
            (plan,) = client.events(PlanDrafted)
            assert isinstance(plan, PlanDrafted)
            assert plan.plain
            frames = [frame async for frame in client.stream(QUESTION.format("s1"), model=model)]
            assert "".join(frame.content for frame in frames) == whole
