"""Ends of requests, as the books hear them."""

from libs.contracts.account import Account
from libs.contracts.envelope import Envelope
from libs.contracts.model_call import Usage
from libs.contracts.records import RequestLogged
from libs.core.clock import SystemClock
from libs.core.ids import new_response_id

JULIA = Account(key_id="k1", user="julia", team="ops")


def now() -> float:
    """Return Unix time: a run may last for minutes, and a budget's day may end in it."""
    return SystemClock().now()


def response_id() -> str:
    return new_response_id(0, now())


def ended(tokens: int, account: Account = JULIA, *, name: str = "", at: float | None = None) -> RequestLogged:
    """Return the end of a request of tenant acme that took so many tokens."""
    name = name or response_id()
    at = now() if at is None else at
    envelope = Envelope("e", name, "acme", "", at + 60, "", "")
    logged = RequestLogged(
        response_id=name,
        input="",
        answer="",
        expert_models_used=(),
        ts=at,
        usage=Usage(prompt_tokens=tokens // 4, completion_tokens=tokens - tokens // 4),
        account=account,
        model="moe",
    )
    return logged.opening(envelope)
