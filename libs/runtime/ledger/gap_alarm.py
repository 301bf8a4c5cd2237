"""The alarm for records deleted before a group finished them. Other gaps between offsets are normal."""

import logging
from collections.abc import Mapping

from libs.runtime.messaging.bus import Subscription
from libs.runtime.telemetry import LOG_TRUNCATIONS, RECORDS_GONE

log = logging.getLogger(__name__)


class GapAlarm:
    """The alarm of one subscription. Each deleted offset is reported once."""

    def __init__(self, feed: Subscription) -> None:
        self._feed = feed
        self._told_up_to: dict[int, int] = {}

    def compare(self, watermarks: Mapping[int, int], first: Mapping[int, int]) -> int:
        """Compare watermarks with the first remaining offsets; return the number of newly deleted unread offsets."""
        return sum(self._of_partition(number, watermark, first[number]) for number, watermark in watermarks.items())

    def cut(self, number: int, fetched: int, offset: int) -> None:
        """Report that a log was truncated and continues with other records under the same offsets."""
        LOG_TRUNCATIONS.labels(self._feed.service, self._feed.topic).inc()
        log.error(
            "%s/%d was truncated: offset %d is followed by %d; %s continues there",
            *(self._feed.topic, number, fetched, offset, self._feed.name),
        )

    def _of_partition(self, number: int, watermark: int, first: int) -> int:
        lost = first - max(watermark, self._told_up_to.get(number, 0))
        if lost <= 0:
            return 0
        self._told_up_to[number] = first
        RECORDS_GONE.labels(self._feed.service, self._feed.topic).inc(lost)
        log.error(
            "%d unread offsets of %s/%d were deleted by retention (%s is at %d, the log begins at %d)",
            *(lost, self._feed.topic, number, self._feed.name, watermark, first),
        )
        return lost
