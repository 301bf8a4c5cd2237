"""Tails of one partition: one reader, one order, each message dispatched to its handler."""

from collections.abc import Callable, Mapping, Sequence

from libs.runtime.messaging.bus import Delivery, RecordHandler, TailSubscription
from libs.runtime.service import Handler, Tail
from libs.runtime.wiring import consumed_by

HandlerOf = Callable[[Handler], RecordHandler]


def tail_subscriptions(tails: Sequence[Tail], process_of: HandlerOf) -> tuple[TailSubscription, ...]:
    """One subscription for each partition of the tails. `process_of` runs a handler."""
    places = {(tail.topic.name, tail.partition): None for tail in tails}
    return tuple(TailSubscription(*place, _by_schema(_at(place, tails), process_of)) for place in places)


def _at(place: tuple[str, int], tails: Sequence[Tail]) -> list[Handler]:
    return [tail.handler for tail in tails if (tail.topic.name, tail.partition) == place]


def _by_schema(handlers: Sequence[Handler], process_of: HandlerOf) -> RecordHandler:
    processes = {consumed_by(handler).schema_name().encode(): process_of(handler) for handler in handlers}
    return _Switch(processes)


class _Switch:
    """Dispatches each record by its schema."""

    def __init__(self, processes: Mapping[bytes, RecordHandler]) -> None:
        self._processes = processes
        self._first = next(iter(processes.values()))

    async def __call__(self, delivery: Delivery) -> None:
        """Handle one record. One without a schema is handled by the first handler, whose policy logs it."""
        schema = dict(delivery.record.headers).get("schema", b"")
        if (process := self._processes.get(schema)) is not None:
            await process(delivery)
        elif not schema:
            await self._first(delivery)
