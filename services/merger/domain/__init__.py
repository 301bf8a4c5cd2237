"""The merger's decisions; pure and synchronous."""

from services.merger.domain.final_records import on_late_fact, reported_call_ids
from services.merger.domain.join import advance, due_at
from services.merger.domain.request import Request

__all__ = ["Request", "advance", "due_at", "on_late_fact", "reported_call_ids"]
