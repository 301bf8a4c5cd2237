"""The deduplication cache: drops redelivered work that was begun or finished."""

from libs.contracts.envelope import Envelope
from libs.runtime.delivery.running_calls import LruSet

AttemptKey = tuple[str, str, int]  # tenant, event id, attempt; 0 stands for all of them


class DeduplicationCache:
    """The last `size` attempts and events. Keyed by tenant and event id: ids are not unique across tenants."""

    def __init__(self, size: int) -> None:
        self._known = LruSet[AttemptKey](size)

    def knows(self, envelope: Envelope) -> bool:
        """True if this attempt was begun, or the event was settled at any attempt."""
        return _attempt_key(envelope) in self._known or _event_key(envelope) in self._known

    def begin(self, envelope: Envelope) -> None:
        """Record that this attempt runs; kept after the work is forwarded for another attempt."""
        self._known.add(_attempt_key(envelope))

    def settle(self, envelope: Envelope) -> None:
        """Record that the event is finished; one entry remains for it."""
        self._known.discard(_attempt_key(envelope))
        self._known.add(_event_key(envelope))

    def forget(self, envelope: Envelope) -> None:
        """Allow this attempt again: it did not end, or its dead letter may be replayed."""
        self._known.discard(_attempt_key(envelope))


def _attempt_key(envelope: Envelope) -> AttemptKey:
    return envelope.tenant, envelope.event_id, envelope.attempt


def _event_key(envelope: Envelope) -> AttemptKey:
    return envelope.tenant, envelope.event_id, 0
