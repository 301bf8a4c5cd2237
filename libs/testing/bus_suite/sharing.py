"""Group members join and leave, also under load; no record is lost and few are repeated."""

import asyncio

from libs.contracts.topics import PROGRESS, RUN_TOOL
from libs.runtime.messaging.bus import Subscription
from libs.testing.bus_suite.cluster import Cluster
from libs.testing.bus_suite.listener import WAIT_TIMEOUT_S, Listener, WatchingListener
from libs.testing.bus_suite.messages import facts, new_service, publish_messages, running, started, tool_runs, trickle
from libs.testing.waiting import eventually

MANY = 60


class Sharing:
    """Two processes in one group."""

    async def test_two_members_share_the_partitions_and_a_leaver_s_go_on_with_the_other(self, cluster: Cluster) -> None:
        service = new_service()
        both, leaving, left = (tool_runs(*(f"{phase}{number}" for number in range(MANY))) for phase in "abc")
        one, other = Listener(*both, *leaving, *left), Listener(*both, *leaving, *left)
        async with running(cluster, Subscription(service, RUN_TOOL.name, other)) as stayer:
            leaver = await started(cluster, Subscription(service, RUN_TOOL.name, one))
            await publish_messages(stayer, *both)
            await eventually(lambda: len({*one.words, *other.words}) == MANY)
            async with asyncio.TaskGroup() as load:
                load.create_task(trickle(stayer, leaving))
                load.create_task(leaver.stop())
            await publish_messages(stayer, *left)
            await eventually(lambda: len({*one.words, *other.words}) == 3 * MANY)
            assert await stayer.caught_up(service, WAIT_TIMEOUT_S)
        assert one.words
        assert other.words

    async def test_two_processes_that_publish_and_read_all_see_one_log(self, cluster: Cluster) -> None:
        """A record that a process published may reach it before it is fetched: as the log has it, and in its turn."""
        published = facts(*map(str, range(2 * MANY)))
        one, other = Listener(*published), Listener(*published)
        feeds = [Subscription(new_service(), PROGRESS.name, listener, ordered=True) for listener in (one, other)]
        async with running(cluster, feeds[0]) as first, running(cluster, feeds[1]) as second:
            await publish_messages(first, *published[:3])  # one batch
            async with asyncio.TaskGroup() as load:
                load.create_task(trickle(first, published[3:MANY]))
                load.create_task(trickle(second, published[MANY:]))
            for listener in (one, other):
                await listener.wait_until(lambda each=listener: len(each.deliveries) >= 2 * MANY)  # type: ignore[misc]
        records = [delivery.record for delivery in one.deliveries]
        assert records == [delivery.record for delivery in other.deliveries]
        assert sorted(one.words) == sorted(map(str, range(2 * MANY)))
        assert [record.offset for record in records] == sorted({record.offset for record in records})

    async def test_a_member_that_joins_under_load_loses_nothing(self, cluster: Cluster) -> None:
        service = new_service()
        published = tool_runs(*map(str, range(4 * MANY)))
        one, other = Listener(*published), Listener(*published)
        async with running(cluster, Subscription(service, RUN_TOOL.name, one, concurrency=4)) as first:
            async with asyncio.TaskGroup() as load:
                load.create_task(trickle(first, published))
                await one.wait_until(lambda: len(one.deliveries) > MANY)
                second = await started(cluster, Subscription(service, RUN_TOOL.name, other, concurrency=4))
            await eventually(lambda: len({*one.words, *other.words}) == 4 * MANY)
            assert await first.caught_up(service, WAIT_TIMEOUT_S)
            assert await second.caught_up(service, WAIT_TIMEOUT_S)
            await second.stop()
        assert len(one.deliveries) + len(other.deliveries) < 5 * MANY  # work in flight may be repeated, not everything

    async def test_a_watcher_is_told_what_is_unread_and_what_it_loses(self, cluster: Cluster) -> None:
        service, published, later = new_service(), facts("1", "2"), facts("later")
        one, other = WatchingListener(*published), WatchingListener(*published, *later)
        async with running(cluster) as sender:
            await trickle(sender, published)  # Tansu's offset list counts a batch of records as one
        async with running(cluster, Subscription(service, PROGRESS.name, one, listener=one)) as first:
            await one.received_all("12")
            last = one.deliveries[-1].record
            assert one.ends[last.partition] == last.offset + 1
            assert await first.caught_up(service, WAIT_TIMEOUT_S)
            async with running(cluster, Subscription(service, PROGRESS.name, other, listener=other)):
                await eventually(lambda: bool(one.revoked))
                assert other.ends == {}  # all work is done: there is nothing to read back
        if not cluster.regroups:
            return
        again = WatchingListener(*later)
        async with running(cluster, Subscription(service, PROGRESS.name, again, listener=again)) as bus:
            await publish_messages(bus, *later)
            await again.received_all(["later"])
        assert again.ends == {}
