"""Reservation of one request in the rates of its key."""

from collections.abc import Callable
from dataclasses import dataclass

from libs.adapters.quota.rates.key_limiter import KeyRateLimiter
from libs.contracts.model_call import Usage
from libs.ports.quota import QuotaStatus


@dataclass(eq=False, slots=True)
class RateReservation:
    """`limiter` is None for a key without limits; `closed` is called when the stream ends."""

    limiter: KeyRateLimiter | None = None
    requests: int = 0
    tokens: int = 0
    stream: str = ""
    closed: Callable[[KeyRateLimiter, str], None] | None = None

    def status(self) -> QuotaStatus:
        return self.limiter.status() if self.limiter is not None else QuotaStatus()

    def settle(self, usage: Usage | None) -> None:
        """Correct the estimate unless `usage` is None, and end the stream. Call once."""
        if usage is not None and self.limiter is not None and self.limiter.tokens is not None:
            self.limiter.tokens.correct(usage.prompt_tokens + usage.completion_tokens - self.tokens)
        self._end_stream()

    def release(self) -> None:
        """Release all reserved amounts and end the stream. Call once."""
        if self.limiter is not None and self.limiter.requests is not None:
            self.limiter.requests.put_back(self.requests)
        if self.limiter is not None and self.limiter.tokens is not None:
            self.limiter.tokens.put_back(self.tokens)
        self._end_stream()

    def _end_stream(self) -> None:
        if self.limiter is not None and self.stream and self.closed is not None:
            self.closed(self.limiter, self.stream)
