"""Feedback on a response is on the log before its sender gets the reply; foreign responses cannot be rated."""

from pathlib import Path

import httpx
import pytest

from libs.contracts.account import Account
from libs.contracts.origin import Origin
from libs.contracts.records import FeedbackGiven, RequestLogged
from libs.core.clock import SystemClock
from libs.core.errors import Retryable
from libs.core.ids import new_response_id
from libs.core.subjects import persons_in
from tests.support.cluster import (
    ADA,
    BOB,
    OURS,
    THEIRS,
    Cluster,
    Gateway,
    gateway,
    opened,
    started,
    with_key,
)
from tests.support.gateway import answered


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path)


async def answer_for_ada(cluster: Cluster, instance: Gateway) -> str:
    work = started(instance.client.post("/v1/chat/completions", json=_question(), headers=with_key(ADA)))
    request = await opened(cluster, len(cluster.all(FeedbackGiven)) + 1)
    await cluster.finish(request, answered("Because."))
    return str((await work).json()["id"])


def _question() -> dict[str, object]:
    return {"model": "moe-orchestrator", "messages": [{"role": "user", "content": "Why?"}]}


async def rate(instance: Gateway, response_id: str, rating: object, key: str = ADA, **more: object) -> httpx.Response:
    body = {"response_id": response_id, "rating": rating, **more}
    return await instance.client.post("/v1/feedback", json=body, headers=with_key(key))


async def test_feedback_is_on_the_log_when_its_sender_is_told_so(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as instance:
        response_id = await answer_for_ada(cluster, instance)
        reply = await rate(instance, response_id, 2, correction="It is not.")
        (given,) = cluster.all(FeedbackGiven)
    assert (reply.status_code, reply.json()["status"], reply.json()["id"]) == (200, "recorded", given.envelope.event_id)
    assert (given.response_id, given.rating, given.positive) == (response_id, 2, False)
    assert (given.correction, given.account.user, given.envelope.tenant) == ("It is not.", "ada", "default")


async def test_a_user_named_with_feedback_is_a_subject_of_it(cluster: Cluster) -> None:
    """Erasing that user erases the correction; the response stays."""
    async with gateway(cluster, 0) as instance:
        response_id = await answer_for_ada(cluster, instance)
        await rate(instance, response_id, 2, correction="It is not.", user="a visitor")
        await rate(instance, response_id, 3)
        named, plain = cluster.all(FeedbackGiven)
    assert persons_in(named.envelope.subject)[:-1] == persons_in(plain.envelope.subject)
    assert len(persons_in(named.envelope.subject)) == len(persons_in(plain.envelope.subject)) + 1


async def test_the_same_said_twice_is_one_event_on_any_instance(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as first, gateway(cluster, 1) as second:
        response_id = await answer_for_ada(cluster, first)
        ids = [(await rate(each, response_id, 4)).json()["id"] for each in (first, second, first)]
        changed = [(await rate(second, response_id, rating)).json()["id"] for rating in (1, 4)]
    assert len(set(ids)) == 1
    assert len({*ids, *changed}) == 3
    assert [given.rating for given in cluster.all(FeedbackGiven)] == [4, 1, 4]


async def test_without_a_store_for_notes_feedback_is_recorded_all_the_same(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as instance:
        response_id = await answer_for_ada(cluster, instance)
        cluster.notes.away = True
        assert (await rate(instance, response_id, 5)).status_code == 200
    assert [given.rating for given in cluster.all(FeedbackGiven)] == [5]


@pytest.mark.parametrize("key", [BOB, THEIRS])
async def test_what_another_asked_for_cannot_be_rated_shown_or_cancelled(cluster: Cluster, key: str) -> None:
    async with gateway(cluster, 0) as instance:
        response_id = await answer_for_ada(cluster, instance)
        foreign, unknown = await rate(instance, response_id, 1, key), await rate(instance, _unknown(), 1, key)
        shown = await instance.client.get(f"/v1/responses/{response_id}", headers=with_key(key))
        ended = await instance.client.post(f"/v1/responses/{response_id}/cancel", headers=with_key(key))
    assert [each.status_code for each in (foreign, unknown, shown, ended)] == [404] * 4
    assert foreign.content == unknown.content
    assert cluster.all(FeedbackGiven) == []


async def test_an_admin_of_the_tenant_may(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as instance:
        response_id = await answer_for_ada(cluster, instance)
        assert (await rate(instance, response_id, 5, OURS)).status_code == 200
        assert (await instance.get(response_id)).status_code == 200


@pytest.mark.parametrize("rating", [0, 6, -1, 2.5, "5", True, None, [5]])
async def test_what_is_no_rating_is_a_400_that_names_it(cluster: Cluster, rating: object) -> None:
    async with gateway(cluster, 0) as instance:
        reply = await rate(instance, _unknown(), rating)
    assert (reply.status_code, reply.json()["error"]["param"]) == (400, "rating")


async def test_feedback_that_the_log_does_not_take_is_a_503(cluster: Cluster) -> None:
    async with gateway(cluster, 0) as instance:
        response_id = await answer_for_ada(cluster, instance)
        instance.bus.send = _refused  # type: ignore[assignment, method-assign]  # the broker goes away
        reply = await rate(instance, response_id, 5)
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, "not_accepted")
    assert cluster.all(FeedbackGiven) == []


async def _refused(*_: object) -> None:
    raise Retryable("the broker is away")


def _unknown() -> str:
    return new_response_id(3, 1_700_000_000.0)


@pytest.mark.parametrize(
    ("key", "status"), [(ADA, 200), (OURS, 200), (BOB, 404), (THEIRS, 404)], ids=("ada", "ours", "bob", "theirs")
)
async def test_what_one_model_answered_is_known_by_its_record(cluster: Cluster, key: str, status: int) -> None:
    now = SystemClock().now()
    origin = Origin(new_response_id(0, now), "default", deadline_at=now + 60, trace="t")
    record = RequestLogged(
        response_id=origin.response_id,
        input="Why?",
        answer="So.",
        expert_models_used=("m@s",),
        ts=now,
        account=Account(user="ada"),
    )
    await cluster.fleet.publish(record.opening(origin))
    async with gateway(cluster, 0) as instance:
        reply = await rate(instance, origin.response_id, 5, key)
    assert reply.status_code == status
    assert len(cluster.all(FeedbackGiven)) == (status == 200)
