"""What a handler has done or begun, so that work that comes again is swallowed."""

from libs.contracts.envelope import Envelope
from libs.runtime.delivery.running_calls import LruSet

AttemptKey = tuple[str, str, int]  # tenant, event id, attempt; 0 stands for all of them


class DeduplicationCache:
    """The last `size` pieces of work. An event is known by tenant and id: ids alone do not tell tenants apart."""

    def __init__(self, size: int) -> None:
        self._known = LruSet[AttemptKey](size)

    def knows(self, envelope: Envelope) -> bool:
        """Return whether this attempt was begun, or the event was settled at any attempt."""
        return _attempt_key(envelope) in self._known or _event_key(envelope) in self._known

    def begin(self, envelope: Envelope) -> None:
        """Note that this attempt runs, or was passed on for another one."""
        self._known.add(_attempt_key(envelope))

    def settle(self, envelope: Envelope) -> None:
        """Note that nothing is left to do for this event; one entry is kept of it."""
        self._known.discard(_attempt_key(envelope))
        self._known.add(_event_key(envelope))

    def forget(self, envelope: Envelope) -> None:
        """Let this attempt be made again: it did not end, or it was buried and may be replayed."""
        self._known.discard(_attempt_key(envelope))


def _attempt_key(envelope: Envelope) -> AttemptKey:
    return envelope.tenant, envelope.event_id, envelope.attempt


def _event_key(envelope: Envelope) -> AttemptKey:
    return envelope.tenant, envelope.event_id, 0
