"""In-memory usage store."""

from dataclasses import dataclass, field

from libs.contracts.envelope import Envelope
from libs.contracts.model_call import ModelCall, Usage, total_usage
from libs.contracts.records import CallsLogged, RequestLogged


@dataclass
class FakeUsageStore:
    """Port `UsageStore`, in memory."""

    usage_by_request: dict[tuple[str, str], RequestLogged] = field(default_factory=dict)
    late: dict[tuple[str, str], dict[str, ModelCall]] = field(default_factory=dict)

    async def record_usage(self, ended: RequestLogged) -> None:
        """Write down one request; the first word counts."""
        self.usage_by_request.setdefault(ended.envelope.request, ended)

    async def record_late_calls(self, late: CallsLogged) -> None:
        """Count each call once."""
        known = self.late.setdefault(late.envelope.request, {})
        known.update({call.id: call for call in late.calls if call.id})

    def usage(self, envelope: Envelope) -> Usage:
        """Raises KeyError for a request without recorded usage."""
        ended = self.usage_by_request[envelope.request]
        late = self.late.get(envelope.request, {})
        return total_usage(tuple(call for call in late.values() if call.id not in ended.calls), ended.usage)
