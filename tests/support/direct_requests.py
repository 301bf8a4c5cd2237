"""A direct request as it is recorded."""

from libs.contracts.account import Account
from libs.contracts.staffing import ModelRef
from libs.core.ids import new_response_id
from libs.testing.fake_clock import TEST_TIME_S, FakeClock
from services.gateway.direct.context import DirectContext, ModelOutput, Requester
from services.gateway.domain.direct.record import RecordedReply
from services.gateway.domain.streaming.reply import ToolCall

CALLS = (ToolCall("call_1", "weather", '{"city":"Bonn"}'), ToolCall("call_2", "weather", "{}"))
SAID = ModelOutput("One moment.", CALLS, "tool_calls", 40, reasoning="Let me see.")


def case(response_id: str = "", *, user: str = "ada", kept: RecordedReply | None = None) -> DirectContext:
    """Direct request of a person."""
    requester = Requester("default", "someone", "", Account(key_id="k1", user=user))
    return DirectContext(
        response_id or new_response_id(1, TEST_TIME_S),
        requester,
        ModelRef(model="judge-7b", server="scripted"),
        "moe-orchestrator",
        "tools",
        FakeClock(),
        input="Weather?",
        characters=8,
        reply=kept or RecordedReply("responses"),
    )
