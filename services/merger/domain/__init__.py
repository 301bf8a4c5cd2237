"""What the merger decides; pure and synchronous."""

from services.merger.domain.closing import booked_in, hear_late
from services.merger.domain.join import advance, due_at
from services.merger.domain.request import Request

__all__ = ["Request", "advance", "booked_in", "due_at", "hear_late"]
