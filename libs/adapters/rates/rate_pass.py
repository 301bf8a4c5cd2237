"""What one request took of the rates of its key."""

from collections.abc import Callable
from dataclasses import dataclass

from libs.adapters.rates.meter import KeyMeter
from libs.contracts.model_call import Usage
from libs.ports.metering import Standing


@dataclass(eq=False, slots=True)
class RatePass:
    """`meter` is None for a key without limits; `closed` is told when the stream is over."""

    meter: KeyMeter | None = None
    requests: int = 0
    tokens: int = 0
    stream: str = ""
    closed: Callable[[KeyMeter, str], None] | None = None

    def standing(self) -> Standing:
        """Return how the key stands now."""
        return self.meter.standing() if self.meter is not None else Standing()

    def settle(self, usage: Usage | None) -> None:
        """Correct the estimate, unless nobody knows better, and end the stream. To be called once."""
        taken = usage.prompt_tokens + usage.completion_tokens if usage is not None else self.tokens
        self._give_back(0, self.tokens - taken)

    def release(self) -> None:
        """Give everything back. To be called once."""
        self._give_back(self.requests, self.tokens)

    def _give_back(self, requests: int, tokens: int) -> None:
        if (meter := self.meter) is None:
            return
        if meter.requests is not None:
            meter.requests.correct(-requests)
        if meter.tokens is not None:
            meter.tokens.correct(-tokens)
        if self.stream and self.closed is not None:
            self.closed(meter, self.stream)
