"""Entries that must outlive the process, on their way to the log."""

from libs.adapters.spool.pledges import Pledges
from libs.adapters.spool.segment import Segment, read_segment
from libs.adapters.spool.spool import Spool

__all__ = ["Pledges", "Segment", "Spool", "read_segment"]
