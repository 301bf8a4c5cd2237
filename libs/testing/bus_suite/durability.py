"""Redelivery of unfinished records only, over stops, failures and broker outages."""

import asyncio

import pytest

from libs.contracts.topics import PROGRESS, RUN_TOOL
from libs.core.errors import Retryable
from libs.runtime.messaging.bus import Delivery, Subscription
from libs.testing.bus_suite.cluster import Cluster
from libs.testing.bus_suite.listener import WAIT_TIMEOUT_S, Listener
from libs.testing.bus_suite.messages import (
    facts,
    new_service,
    publish_messages,
    publish_until_accepted,
    running,
    tool_runs,
    until_answering,
)
from libs.testing.waiting import waiting


class Durability:
    """One process after the other."""

    async def test_nothing_is_committed_past_an_unfinished_record(self, cluster: Cluster) -> None:
        service, words = new_service(), [str(number) for number in range(8)]
        published = facts(*words)
        first, second = Listener(*published, unfinished={"3", "5"}), Listener(*published)
        async with running(cluster, Subscription(service, PROGRESS.name, first)) as bus:
            await publish_messages(bus, *published)
            await first.received_all(words)
        async with running(cluster, Subscription(service, PROGRESS.name, second)) as bus:
            await second.received_all(["3", "5"])
            assert await bus.caught_up(service, WAIT_TIMEOUT_S)
        assert set(second.words) == ({"3", "5"} if cluster.remembers else set(words[3:]))

    async def test_what_is_done_is_not_delivered_to_the_next_process(self, cluster: Cluster) -> None:
        service = new_service()
        runs, later = tool_runs("a", "b", "c"), tool_runs("later")
        first, second = Listener(*runs), Listener(*runs, *later)
        async with running(cluster, Subscription(service, RUN_TOOL.name, first)) as bus:
            await publish_messages(bus, *runs)
            await first.received_all("abc")
        async with running(cluster, Subscription(service, RUN_TOOL.name, second)) as bus:
            await publish_messages(bus, *later)
            await second.received_all(["later"])
            assert await bus.caught_up(service, WAIT_TIMEOUT_S)
        assert second.words == ["later"]

    async def test_all_topics_of_a_service_go_on_where_they_were(self, cluster: Cluster) -> None:
        service, runs, progress = new_service(), tool_runs("run", "last run"), facts("fact", "last fact")
        for number in range(2):
            commands, events = Listener(*runs), Listener(*progress)
            feeds = (
                Subscription(service, RUN_TOOL.name, commands),
                Subscription(service, PROGRESS.name, events),
            )
            async with running(cluster, *feeds) as bus:
                await publish_messages(bus, runs[number], progress[number])
                await commands.received_all([("run", "last run")[number]])
                await events.received_all([("fact", "last fact")[number]])
            assert (len(commands.deliveries), len(events.deliveries)) == (1, 1)

    async def test_a_stop_waits_for_what_runs_and_commits_it(self, cluster: Cluster) -> None:
        service, (fact,) = new_service(), facts("slow")
        first, second = Listener(fact), Listener(fact)
        first.gate.clear()
        async with running(cluster, Subscription(service, PROGRESS.name, first)) as bus:
            await publish_messages(bus, fact)
            await first.received_all(["slow"])
            async with asyncio.TaskGroup() as both:
                both.create_task(bus.stop_subscriptions(frozenset({service}), WAIT_TIMEOUT_S))
                first.gate.set()
        async with running(cluster, Subscription(service, PROGRESS.name, second)) as bus:
            assert await bus.caught_up(service, WAIT_TIMEOUT_S)
        assert (first.cancelled, second.words) == (0, [])

    async def test_a_stop_cancels_what_takes_too_long_and_it_comes_again(self, cluster: Cluster) -> None:
        service, (fact,) = new_service(), facts("stuck")
        first, second = Listener(fact), Listener(fact)
        first.gate.clear()
        async with running(cluster, Subscription(service, PROGRESS.name, first)) as bus:
            await publish_messages(bus, fact)
            await first.received_all(["stuck"])
            await bus.stop_subscriptions(frozenset({service}), 0)
            assert first.cancelled == 1
        async with running(cluster, Subscription(service, PROGRESS.name, second)):
            await second.received_all(["stuck"])

    async def test_stopping_one_service_leaves_the_others_running(self, cluster: Cluster) -> None:
        leaver, stayer = new_service(), new_service()
        before, after = facts("before")[0], facts("after")[0]
        left, there = Listener(before, after), Listener(before, after)
        async with running(
            cluster, Subscription(leaver, PROGRESS.name, left), Subscription(stayer, PROGRESS.name, there)
        ) as bus:
            await publish_messages(bus, before)
            await asyncio.gather(left.received_all(["before"]), there.received_all(["before"]))
            await bus.stop_subscriptions(frozenset({leaver}), WAIT_TIMEOUT_S)
            await publish_messages(bus, after)
            await there.received_all(["after"])
        assert left.words == ["before"]

    async def test_catching_up_waits_for_the_last_record(self, cluster: Cluster) -> None:
        service, published = new_service(), facts(*"12345")
        listener = Listener(*published, unfinished={"5"})
        async with running(cluster, Subscription(service, PROGRESS.name, listener)) as bus:
            await publish_messages(bus, *published)
            await listener.received_all("12345")
            assert not await bus.caught_up(service, 0.05)
            listener.deliveries[-1].done()
            assert await bus.caught_up(service, WAIT_TIMEOUT_S)

    async def test_a_process_that_fails_says_so_and_does_not_commit(self, cluster: Cluster) -> None:
        service, (fact,) = new_service(), facts("bad")

        async def fail(delivery: Delivery) -> None:
            if delivery.record.key == fact.envelope.response_id.encode():
                raise ValueError("a bug")

        async with running(cluster, Subscription(service, PROGRESS.name, fail)) as bus:
            await publish_messages(bus, fact)
            async with waiting(WAIT_TIMEOUT_S):
                await bus.failed.wait()
        second = Listener(fact)
        async with running(cluster, Subscription(service, PROGRESS.name, second)):
            await second.received_all(["bad"])

    async def test_a_broker_that_goes_away_is_told_and_used_again_when_it_is_back(self, cluster: Cluster) -> None:
        service, published = new_service(), facts("before", "after")
        listener = Listener(*published)
        async with running(cluster, Subscription(service, PROGRESS.name, listener)) as bus:
            await publish_messages(bus, published[0])
            await listener.received_all(["before"])
            await until_answering(bus)
            await cluster.take_broker_away()
            with pytest.raises(Retryable):
                await publish_messages(bus, published[1])
            assert await bus.check() is not None
            if not cluster.durable:
                return
            await cluster.bring_broker_back()
            await publish_until_accepted(bus, published[1])
            await listener.received_all(["after"])
            assert not bus.failed.is_set()
