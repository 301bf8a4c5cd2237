from pathlib import Path

import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.direct import DirectCancelled
from libs.contracts.reply_partition import ReplyPartitionTaken
from libs.contracts.topics import ANSWER_FINISHED, REQUEST_CANCELLED
from libs.core.errors import ConfigurationError
from libs.runtime.service import Service
from libs.runtime.wiring import consumed_by, published_by
from libs.testing.keys import API_KEY
from moe.registry import build_service
from services.gateway.settings import Settings

GIVEN = {"REDIS_URL": "redis://127.0.0.1:1", "MOE_BOOTSTRAP_API_KEY": API_KEY}


def built(tmp_path: Path, **given: str) -> Service:
    return build_service("gateway", {**GIVEN, "MOE_DATA_DIR": str(tmp_path), **given})


def test_it_hears_ends_and_claims_of_its_own_reply_partition_and_says_nothing_in_return(tmp_path: Path) -> None:
    tails = built(tmp_path, MOE_INSTANCE_ORDINAL="5").tails
    own = {consumed_by(tail.handler) for tail in tails if (tail.topic, tail.partition) == (ANSWER_FINISHED, 5)}
    assert own == {AnswerFinished, ReplyPartitionTaken}
    assert {published_by(tail.handler) for tail in tails} == {frozenset()}


def test_every_one_hears_which_calls_of_models_are_cancelled(tmp_path: Path) -> None:
    tails = built(tmp_path, MOE_INSTANCE_ORDINAL="5").tails
    others = {(tail.topic, consumed_by(tail.handler)) for tail in tails if tail.topic is not ANSWER_FINISHED}
    assert others == {(REQUEST_CANCELLED, DirectCancelled)}


def test_two_gateways_on_one_machine_read_different_partitions(tmp_path: Path) -> None:
    first, second = built(tmp_path), built(tmp_path)
    assert {first.tails[0].partition, second.tails[0].partition} == {0, 1}


def test_http_listens_on_loopback_unless_told_otherwise(tmp_path: Path) -> None:
    http = built(tmp_path).http
    assert http is not None
    assert (http.host, http.port) == ("127.0.0.1", 8002)


def test_a_store_of_deltas_that_is_away_degrades_but_does_not_stop(tmp_path: Path) -> None:
    checks = {check.name: check.required for check in built(tmp_path).checks}
    assert checks.pop("reply-partition") is True
    assert "valkey" in checks
    assert not any(checks.values())


@pytest.mark.parametrize("name", ["REDIS_URL", "MOE_BOOTSTRAP_API_KEY"])
def test_what_it_cannot_do_without_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in GIVEN.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.delenv(name)
    with pytest.raises(ConfigurationError, match=name):
        Settings.read()


def test_the_key_is_not_printed(tmp_path: Path) -> None:
    assert GIVEN["MOE_BOOTSTRAP_API_KEY"] not in repr(Settings.model_validate(GIVEN))
