"""Number of messages that a service handles concurrently."""

import pytest

from libs.core.clock import SystemClock
from libs.runtime.delivery.context import RuntimeContext
from libs.runtime.join.runner import JoinRunner
from libs.runtime.process.subscriptions import handler_subscription, join_subscription
from libs.testing.fake_publisher import FakePublisher
from libs.testing.records import SIGNER
from moe.registry import build_service

PLACE = RuntimeContext(SIGNER, FakePublisher(), SystemClock())
FEW = {
    "REDIS_URL": "redis://127.0.0.1:9",
    "INFERENCE_SERVERS": '[{"name":"local","url":"http://127.0.0.1:9/v1"}]',
    "JUDGE_MODEL": "phi4:14b",
    "MOE_MAX_CONCURRENT_COMMANDS": "3",
}


@pytest.mark.parametrize("name", ["planner", "expert-worker", "merger", "critic"])
def test_no_more_commands_are_worked_on_than_models_may_be_asked(name: str) -> None:
    service = build_service(name, FEW)
    assert {handler_subscription(service, handler, PLACE).concurrency for handler in service.handlers} == {3}


async def test_a_join_that_asks_nobody_is_not_held_up_by_models() -> None:
    service = build_service("merger", FEW)
    runner = JoinRunner(service.joins[0], PLACE, _fail)
    assert join_subscription(service, service.joins[0], runner).concurrency > 3


def _fail(error: BaseException) -> None:
    raise error
