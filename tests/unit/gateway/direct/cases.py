"""A direct request as it is recorded."""

from libs.contracts.account import Account
from libs.core.ids import new_response_id
from libs.ports.llm import ModelRef
from libs.testing.fake_clock import TEST_TIME_S, FakeClock
from services.gateway.direct.context import Asker, DirectCase, Said
from services.gateway.domain.direct.kept import Kept
from services.gateway.domain.streaming.reply import ToolCall

CALLS = (ToolCall("call_1", "weather", '{"city":"Bonn"}'), ToolCall("call_2", "weather", "{}"))
SAID = Said("One moment.", CALLS, "tool_calls", 40, reasoning="Let me see.")


def case(response_id: str = "", *, user: str = "ada", kept: Kept | None = None) -> DirectCase:
    """Return a request of a person that goes to one model."""
    asker = Asker("default", "someone", "", Account(key_id="k1", user=user))
    return DirectCase(
        response_id or new_response_id(1, TEST_TIME_S),
        asker,
        ModelRef("judge-7b", "scripted"),
        "moe-orchestrator",
        "tools",
        FakeClock(),
        input="Weather?",
        characters=8,
        kept=kept or Kept("responses"),
    )
