"""Ends of requests, as the books hear them."""

from libs.contracts.account import Account
from libs.contracts.envelope import Envelope
from libs.contracts.model_call import Usage
from libs.contracts.records import RequestLogged
from libs.core.clock import SystemClock
from libs.core.ids import new_response_id

NOW = SystemClock().now()
JULIA = Account(key_id="k1", user="julia", team="ops")


def response_id() -> str:
    return new_response_id(0, NOW)


def ended(tokens: int, account: Account = JULIA, *, name: str = "", at: float = NOW) -> RequestLogged:
    """Return the end of a request of tenant acme that took so many tokens."""
    name = name or response_id()
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
