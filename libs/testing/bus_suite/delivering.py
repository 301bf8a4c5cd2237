"""Delivery: every record arrives, in order where the order is guaranteed, within the concurrency limit."""

import asyncio
from dataclasses import replace

from libs.contracts.answer import AnswerFinished
from libs.contracts.topics import ANSWER_FINISHED, PROGRESS, REQUEST_CANCELLED, RUN_TOOL
from libs.runtime.messaging.bus import Delivery, Subscription, TailSubscription
from libs.runtime.messaging.codec import encode
from libs.testing.bus_suite.cluster import Cluster
from libs.testing.bus_suite.listener import Listener
from libs.testing.bus_suite.messages import cancellations, facts, new_service, publish_messages, running, tool_runs
from libs.testing.records import SIGNER, request

MANY = 60
UNREADABLE = (b"", b"\xff\x00{", b"x" * 500_000)


class Delivering:
    """Every test uses services (so groups) and responses of its own: tests may share a broker."""

    async def test_a_record_from_before_the_first_join_is_delivered(self, cluster: Cluster) -> None:
        (fact,) = facts("early")
        async with running(cluster) as sender:
            await publish_messages(sender, fact)
        listener = Listener(fact)
        async with running(cluster, Subscription(new_service(), PROGRESS.name, listener)):
            await listener.received_all(["early"])
        assert listener.deliveries[0].record.value == fact.body()
        assert dict(listener.deliveries[0].record.headers)["event_id"] == fact.envelope.event_id.encode()
        assert listener.deliveries[0].record.key == fact.envelope.response_id.encode()

    async def test_records_of_one_key_are_processed_in_their_order(self, cluster: Cluster) -> None:
        words = [str(number) for number in range(MANY)]
        one, other = facts(*words), facts(*words)
        listeners = {facts_of[0].envelope.response_id: Listener(*facts_of) for facts_of in (one, other)}

        async def in_turns(delivery: Delivery) -> None:
            for _ in range(delivery.record.offset % 3):
                await asyncio.sleep(0)
            for listener in listeners.values():
                await listener(delivery)

        async with running(cluster, Subscription(new_service(), PROGRESS.name, in_turns, ordered=True)) as bus:
            for pair in zip(one, other, strict=True):
                await publish_messages(bus, *pair)
            for listener in listeners.values():
                await listener.received_all(words)
        assert [listener.words for listener in listeners.values()] == [words, words]

    async def test_records_run_together_up_to_the_bound_and_not_beyond(self, cluster: Cluster) -> None:
        runs, marker = tool_runs(*map(str, range(12))), facts("marker")
        busy, free = Listener(*runs), Listener(*marker)
        busy.gate.clear()
        feeds = (
            Subscription(new_service(), RUN_TOOL.name, busy, concurrency=4),
            Subscription(new_service(), PROGRESS.name, free),
        )
        async with running(cluster, *feeds) as bus:
            await publish_messages(bus, *runs)
            await busy.wait_until(lambda: busy.running == 4)
            await publish_messages(bus, *marker)
            await free.received_all(["marker"])
            assert busy.running == len(busy.deliveries) == 4
            busy.gate.set()
            await busy.received_all(map(str, range(12)))
            assert len(busy.deliveries) == 12

    async def test_a_busy_topic_does_not_hold_up_another_of_its_service(self, cluster: Cluster) -> None:
        service, runs, marker = new_service(), tool_runs(*map(str, range(MANY))), facts("marker")
        busy, free = Listener(*runs), Listener(*marker)
        busy.gate.clear()
        feeds = (
            Subscription(service, RUN_TOOL.name, busy, concurrency=2),
            Subscription(service, PROGRESS.name, free),
        )
        async with running(cluster, *feeds), running(cluster) as sender:
            await publish_messages(sender, *runs)
            await busy.wait_until(lambda: busy.running == 2)
            await publish_messages(sender, *marker)
            await free.received_all(["marker"])
            assert busy.running == len(busy.deliveries) == 2
            busy.gate.set()
            await busy.received_all(map(str, range(MANY)))
        assert sorted(map(int, busy.words)) == list(range(MANY))

    async def test_what_cannot_be_read_arrives_as_it_is(self, cluster: Cluster) -> None:
        (fact,) = facts("odd")
        odd = [replace(encode(fact, SIGNER)[0], value=value, headers=()) for value in UNREADABLE]
        listener = Listener(fact)
        async with running(cluster, Subscription(new_service(), PROGRESS.name, listener)) as bus:
            await bus.send(odd)
            await listener.wait_until(lambda: len(listener.deliveries) == 3)
        assert sorted(delivery.record.value for delivery in listener.deliveries) == sorted(UNREADABLE)

    async def test_replies_go_to_the_partition_that_the_response_names(self, cluster: Cluster) -> None:
        ends = [AnswerFinished(outcome="answered").opening(request(reply_partition=number)) for number in (3, 5)]
        three, five = Listener(*ends), Listener(*ends)
        tails = (TailSubscription(ANSWER_FINISHED.name, 3, three), TailSubscription(ANSWER_FINISHED.name, 5, five))
        async with running(cluster, *tails) as bus:
            await bus.send([encode(end, SIGNER)[0] for end in ends])
            await asyncio.gather(
                three.wait_until(lambda: bool(three.deliveries)), five.wait_until(lambda: bool(five.deliveries))
            )
        assert [listener.deliveries[0].record.key for listener in (three, five)] == [
            end.envelope.response_id.encode() for end in ends
        ]

    async def test_a_tail_sees_exactly_what_is_sent_after_the_start(self, cluster: Cluster) -> None:
        before, *after = cancellations("before", "1", "2", "3")
        async with running(cluster) as sender:
            await publish_messages(sender, before)
        tail = Listener(before, *after)
        async with running(cluster, TailSubscription(REQUEST_CANCELLED.name, 0, tail)) as bus:
            await publish_messages(bus, *after)
            await tail.received_all("123")
        assert tail.words == ["1", "2", "3"]

    async def test_every_tail_of_a_broadcast_sees_it(self, cluster: Cluster) -> None:
        published = cancellations("stop")
        one, other = Listener(*published), Listener(*published)
        async with running(cluster, TailSubscription(REQUEST_CANCELLED.name, 0, one)) as bus:  # noqa: SIM117
            async with running(cluster, TailSubscription(REQUEST_CANCELLED.name, 0, other)):
                await publish_messages(bus, *published)
                await asyncio.gather(one.received_all(["stop"]), other.received_all(["stop"]))
        assert one.words == other.words == ["stop"]
