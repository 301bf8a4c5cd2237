"""No subscriber relies on a default of the client library."""

import pytest
from faststream.kafka import KafkaBroker
from faststream.middlewares import AckPolicy

from libs.core.errors import ConfigurationError
from libs.runtime.kafka.bus import KafkaBus, check_subscribers
from libs.runtime.messaging.bus import Delivery, Subscription, TailSubscription
from libs.runtime.settings import BusSettings


async def _process(delivery: Delivery) -> None:
    delivery.done()


def _broker() -> KafkaBroker:
    return KafkaBroker("127.0.0.1:1")


def test_our_subscribers_pass_the_check() -> None:
    bus = KafkaBus(BusSettings(kafka_url="kafka://127.0.0.1:1"))
    bus.add(Subscription("planner", "moe.pipeline.question-asked.v1", _process))
    bus.add(TailSubscription("moe.pipeline.answer-finished.v1", 0, _process))
    bus.declare_subscribers()


@pytest.mark.parametrize(
    "arguments",
    [
        {"no_reply": True, "group_id": "g", "auto_offset_reset": "earliest"},
        {"ack_policy": AckPolicy.MANUAL, "group_id": "g", "auto_offset_reset": "earliest"},
        {"ack_policy": AckPolicy.MANUAL, "no_reply": True, "auto_offset_reset": "earliest"},
        {"ack_policy": AckPolicy.MANUAL, "no_reply": True, "group_id": "g"},
    ],
)
async def test_a_default_policy_reply_group_or_offset_is_refused(arguments: dict[str, object]) -> None:
    broker = _broker()
    broker.subscriber("moe.pipeline.question-asked.v1", **arguments)  # type: ignore[call-overload]  # the point is its defaults
    with pytest.raises(ConfigurationError, match="default of the client library"):
        check_subscribers(broker)
