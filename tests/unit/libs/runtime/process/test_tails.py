"""Handlers that share a partition."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from libs.contracts.answer import AnswerFinished
from libs.contracts.message import Message
from libs.contracts.record import Record
from libs.contracts.reply_partition import ReplyPartitionTaken
from libs.contracts.topics import ANSWER_FINISHED
from libs.runtime.messaging.bus import Delivery, RecordHandler
from libs.runtime.process.tails import tail_subscriptions
from libs.runtime.service import Handler, Tail
from libs.runtime.wiring import handler_name
from libs.testing.records import record_of, request


async def hear_end(event: AnswerFinished, deps: object) -> None:
    """Consume an end."""


async def hear_claim(event: ReplyPartitionTaken, deps: object) -> None:
    """Consume a claim."""


def noting(heard: list[tuple[str, int]]) -> Callable[[Handler], RecordHandler]:
    def process_of(handler: Handler) -> Callable[[Delivery], Awaitable[None]]:
        async def process(delivery: Delivery) -> None:
            heard.append((handler_name(handler), delivery.record.offset))

        return process

    return process_of


def end() -> Message:
    return AnswerFinished(outcome="answered").opening(request())


def claim() -> Message:
    return ReplyPartitionTaken.by("one", 0, 1.0)


def delivery(record: Record) -> Delivery:
    return Delivery(record, lambda: None)


async def test_tails_of_one_partition_share_a_reader_and_each_hears_its_own() -> None:
    heard: list[tuple[str, int]] = []
    tails = (Tail(ANSWER_FINISHED, 3, hear_end), Tail(ANSWER_FINISHED, 3, hear_claim))
    (feed,) = tail_subscriptions(tails, noting(heard))
    for offset, message in enumerate((claim(), end(), claim())):
        await feed.handle(delivery(record_of(message, offset=offset)))
    assert (feed.topic, feed.partition) == (ANSWER_FINISHED.name, 3)
    assert heard == [("hear_claim", 0), ("hear_end", 1), ("hear_claim", 2)]


async def test_tails_of_different_partitions_have_readers_of_their_own() -> None:
    feeds = tail_subscriptions((Tail(ANSWER_FINISHED, 3, hear_end), Tail(ANSWER_FINISHED, 4, hear_end)), noting([]))
    assert [feed.partition for feed in feeds] == [3, 4]


async def test_a_message_that_nobody_hears_is_passed_over_and_one_without_a_schema_is_told_of() -> None:
    heard: list[tuple[str, int]] = []
    (feed,) = tail_subscriptions((Tail(ANSWER_FINISHED, 3, hear_end),), noting(heard))
    await feed.handle(delivery(record_of(claim(), offset=0)))
    await feed.handle(delivery(replace(record_of(end(), offset=1), headers=())))
    assert heard == [("hear_end", 1)]
