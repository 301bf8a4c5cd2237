"""Identifiers: their content, rejected input, and determinism."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.core.ids import (
    MAX_REPLY_PARTITIONS,
    event_id,
    new_response_id,
    reply_partition_of,
    response_uuid,
    system_response_id,
)

NOW_S = 1_760_000_000.5
partitions = st.integers(0, MAX_REPLY_PARTITIONS - 1)


@given(partitions, st.floats(0, 4e9))
def test_a_response_id_tells_its_reply_partition(partition: int, now_s: float) -> None:
    assert reply_partition_of(new_response_id(partition, now_s)) == partition


def test_response_ids_of_one_moment_differ() -> None:
    assert len({new_response_id(0, NOW_S) for _ in range(1000)}) == 1000


@given(st.floats(0, 2e9), st.floats(1, 2e9))
def test_a_later_response_id_sorts_behind_an_earlier_one(now_s: float, gap_s: float) -> None:
    assert new_response_id(4095, now_s) < new_response_id(0, now_s + gap_s)


@pytest.mark.parametrize("partition", [-1, MAX_REPLY_PARTITIONS])
def test_a_reply_partition_that_does_not_fit_is_refused(partition: int) -> None:
    with pytest.raises(ValueError, match="reply partition"):
        new_response_id(partition, NOW_S)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "chatcmpl-",
        "chatcmpl-42",
        "chatcmpl-8b5f3e2c-5108-4093-8d53-16935bcda670",
        str(uuid.UUID(int=8 << 76)),
        "resp_1",
        "chatcmpl-\ud800",
    ],
)
def test_what_is_no_response_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a response id|badly formed|invalid literal|ascii"):
        reply_partition_of(text)


@given(partitions, st.text(max_size=40), st.text(max_size=40), st.integers(-3, 1000))
def test_an_event_id_is_the_uuid5_of_what_it_names(partition: int, stage: str, part: str, revision: int) -> None:
    if any("\ud800" <= letter <= "\udfff" for letter in stage + part):
        return
    response_id = new_response_id(partition, NOW_S)
    expected = uuid.uuid5(response_uuid(response_id), f"{stage}/{part}/{revision}")
    assert event_id(response_id, stage, part, revision) == str(expected)


def test_event_ids_differ_by_response_stage_part_and_revision() -> None:
    one, other = new_response_id(1, NOW_S), new_response_id(1, NOW_S)
    named = [event_id(one, "a"), event_id(other, "a"), event_id(one, "b"), event_id(one, "a", "p1")]
    named += [event_id(one, "a", "p2"), event_id(one, "a", "", 1)]
    assert len(set(named)) == len(named)


def test_an_event_of_something_that_is_no_response_has_no_id() -> None:
    with pytest.raises(ValueError, match="not a response id"):
        event_id("resp_1", "plan-drafted.v1")


def test_a_history_that_no_request_began_has_an_id_that_its_name_gives() -> None:
    response_id = system_response_id("stage/abc")
    assert response_id == system_response_id("stage/abc") != system_response_id("stage/abd")
    assert response_uuid(response_id).version == 8
    assert reply_partition_of(response_id) == MAX_REPLY_PARTITIONS - 1
