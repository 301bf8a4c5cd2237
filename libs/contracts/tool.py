"""The command that runs an exact tool."""

from typing import ClassVar

from libs.contracts.message import PartMessage
from libs.contracts.plan import ToolCall
from libs.contracts.question import Language
from libs.contracts.summaries import TEXT_LIMIT
from libs.contracts.tool_catalogue import catalogue
from libs.contracts.topics import RUN_TOOL, Topic
from libs.core.text import capped

TOOL_NAMES: tuple[str, ...] = tuple(tool.name for tool in catalogue())


class RunTool(PartMessage):
    """Run one tool; the sentence that states the result is written in `language`.

    `tools` are those that the caller may use, None for all.
    """

    topics: ClassVar[tuple[Topic, ...]] = (RUN_TOOL,)
    call: ToolCall
    language: Language = "en"
    tools: tuple[str, ...] | None = None

    def summary(self) -> str:
        arguments = ", ".join(f"{name}={value}" for name, value in self.call.arguments.items())
        return f"{self.call.tool}({capped(arguments, TEXT_LIMIT)})"
