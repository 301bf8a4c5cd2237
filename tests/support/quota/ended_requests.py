"""Ends of requests, as the usage store consumes them."""

from libs.contracts.account import Account
from libs.contracts.model_call import BROKEN_OFF, ModelCall, Usage
from libs.contracts.origin import Origin
from libs.contracts.records import CallsLogged, RequestLogged
from libs.core.clock import SystemClock
from libs.core.ids import new_response_id

_CALL = ModelCall(
    stage="judge",
    model="phi4:14b",
    server="local",
    prompt_sha256="0" * 64,
    usage=Usage(),
    duration_ms=5,
    finish_reason=BROKEN_OFF,
    usage_estimated=True,
)
JULIA = Account(key_id="k1", user="julia", team="ops")


def now() -> float:
    """Unix time: a run may last for minutes, and a budget's day may end in it."""
    return SystemClock().now()


def response_id() -> str:
    return new_response_id(0, now())


def late(name: str, tokens: int, *calls: str) -> CallsLogged:
    """Calls with token counts, reported after the end of a request of tenant acme."""
    usage = Usage(prompt_tokens=tokens // 4, completion_tokens=tokens - tokens // 4)
    made = tuple(_CALL.model_copy(update={"id": call, "usage": usage}) for call in calls)
    return CallsLogged(response_id=name, calls=made).opening(Origin(name, "acme", deadline_at=now() + 60))


def ended(
    tokens: int, account: Account = JULIA, *, name: str = "", at: float | None = None, calls: tuple[str, ...] = ()
) -> RequestLogged:
    """End of a request of tenant acme with token counts in `calls`."""
    name = name or response_id()
    at = now() if at is None else at
    logged = RequestLogged(
        response_id=name,
        input="",
        answer="",
        expert_models_used=(),
        ts=at,
        usage=Usage(prompt_tokens=tokens // 4, completion_tokens=tokens - tokens // 4),
        account=account,
        model="moe",
        calls=calls,
    )
    return logged.opening(Origin(name, "acme", deadline_at=at + 60))
