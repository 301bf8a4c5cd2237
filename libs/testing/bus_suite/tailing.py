"""Tails that start and end while a process runs, and that start in the past."""

import asyncio

from libs.contracts.topics import REQUEST_CANCELLED
from libs.runtime.messaging.bus import TailSubscription
from libs.testing.bus_suite.cluster import Cluster
from libs.testing.bus_suite.listener import Listener
from libs.testing.bus_suite.messages import cancellations, publish_messages, running, trickle
from libs.testing.waiting import eventually

TOPIC = REQUEST_CANCELLED.name


def tail(process: Listener, since_ms: int | None = None) -> TailSubscription:
    return TailSubscription(TOPIC, 0, process, since_ms)


class Tailing:
    """A tail belongs to no group: it may start and end at any time."""

    async def test_a_tail_may_begin_while_the_process_runs(self, cluster: Cluster) -> None:
        before, *after = cancellations("before", "1", "2")
        listener = Listener(before, *after)
        async with running(cluster) as bus:
            await publish_messages(bus, before)
            async with bus.listen(tail(listener)) as span:
                await publish_messages(bus, *after)
                await listener.received_all("12")
        assert listener.words == ["1", "2"]
        assert (span.start, span.end) == (listener.deliveries[0].record.offset, listener.deliveries[0].record.offset)

    async def test_a_tail_that_was_left_hears_nothing_more(self, cluster: Cluster) -> None:
        early, late = cancellations("early", "late")
        left, stays = Listener(early, late), Listener(early, late)
        async with running(cluster) as bus, bus.listen(tail(stays)):
            async with bus.listen(tail(left)):
                await publish_messages(bus, early)
                await left.received_all(["early"])
            await publish_messages(bus, late)
            await stays.received_all(["late"])
        assert left.words == ["early"]

    async def test_tails_of_two_processes_that_publish_see_one_log(self, cluster: Cluster) -> None:
        published = cancellations(*map(str, range(80)))
        one, other = Listener(*published), Listener(*published)
        async with running(cluster, tail(one)) as first, running(cluster, tail(other)) as second:
            async with asyncio.TaskGroup() as load:
                load.create_task(trickle(first, published[:40]))
                load.create_task(trickle(second, published[40:]))
            await asyncio.gather(*(each.received_all(map(str, range(80))) for each in (one, other)))
        assert [delivery.record for delivery in one.deliveries] == [delivery.record for delivery in other.deliveries]
        assert len(one.words) == 80

    async def test_what_a_tail_works_on_is_watched(self, cluster: Cluster) -> None:
        lasting, listened = cancellations("lasting", "listened")
        one, other = Listener(lasting, listened), Listener(listened)
        one.gate.clear()
        other.gate.clear()
        async with running(cluster, tail(one)) as bus, bus.listen(tail(other)):
            await publish_messages(bus, lasting, listened)
            await asyncio.gather(one.received_all(["lasting"]), other.received_all(["listened"]))
            assert sorted(record.offset for record in bus.watchdog.in_work()) == sorted(
                listener.deliveries[0].record.offset for listener in (one, other)
            )
            one.gate.set()
            other.gate.set()
            await eventually(lambda: not bus.watchdog.in_work())

    async def test_a_tail_may_begin_at_a_time_in_the_past(self, cluster: Cluster) -> None:
        published = cancellations("1", "2", "3")
        first = Listener(*published)
        async with running(cluster) as bus, bus.listen(tail(first)):
            for word, message in zip("123", published, strict=True):
                await publish_messages(bus, message)
                await first.received_all([word])
                await asyncio.sleep(0.002)  # the log's clock ticks in milliseconds
            begin = first.deliveries[1].record
            again = Listener(*published)
            async with bus.listen(tail(again, since_ms=begin.timestamp_ms)) as span:
                await again.received_all("23")
        assert again.words == ["2", "3"]
        assert (span.start, span.end) == (begin.offset, first.deliveries[-1].record.offset + 1)

    async def test_a_tail_that_begins_after_everything_begins_at_the_end(self, cluster: Cluster) -> None:
        old, new = cancellations("old", "new")
        before, listener = Listener(old, new), Listener(old, new)
        async with running(cluster) as bus, bus.listen(tail(before)):
            await publish_messages(bus, old)
            await before.received_all(["old"])
            later_ms = before.deliveries[0].record.timestamp_ms + 3_600_000
            async with bus.listen(tail(listener, since_ms=later_ms)) as span:
                await publish_messages(bus, new)
                await listener.received_all(["new"])
        assert listener.words == ["new"]
        assert span.start == span.end == listener.deliveries[0].record.offset
