"""Replay reproduces a bug with its code, and fixed code leads to another end."""

from pathlib import Path

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.dead_letter import DeadLettered
from libs.testing.model_server import ModelServer, pipeline_script
from moe.replay.verifying import Status
from tests.support.fleet import Stores, whole_fleet
from tests.support.recorded_messages import journal_of, verdict_on
from tests.support.scenes import MEDICAL

BUGS = (
    pytest.param("services.critic.handlers.read_verdict", "critic", MEDICAL, id="in a handler"),
    pytest.param("services.merger.domain.join.conclusion_of", "merger", None, id="in the join"),
)


def _breaks(*_: object) -> None:
    raise ZeroDivisionError("an unforeseen case")


@pytest.mark.parametrize(("place", "stage", "options"), BUGS)
async def test_a_bug_says_the_same_again_until_it_is_repaired(
    place: str, stage: str, options: None, valkey_url: str, tmp_path: Path
) -> None:
    script = pipeline_script(options)
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(place, _breaks)
        async with ModelServer(script) as models, whole_fleet(Stores(models.url, valkey_url, tmp_path)) as client:
            await client.ask("How large should connection pools be, see #b1?")
            await client.event(DeadLettered)
            end = await client.event(AnswerFinished)
            journal = journal_of(client)
        assert isinstance(end, AnswerFinished)
        assert end.failure is not None
        assert end.failure.code == "internal_error"
        (response_id,) = journal.requests()
        met = await verdict_on(journal, response_id)
        assert met.differences == ()
        assert met.status is Status.VERIFIED
    repaired = await verdict_on(journal, response_id)
    assert repaired.status is Status.DIFFERS
    assert stage in {difference.stage for difference in repaired.differences}
