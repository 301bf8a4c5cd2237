"""Arguments and result of `python_sandbox`."""

from pydantic import Field

from services.mcp.contract import ToolModel

MAX_CODE_CHARS = 20_000
MAX_OUTPUT_CHARS = 16_000

RULE = "a fresh process for each call; a last expression gives the value, as in a console"


class SandboxArguments(ToolModel):
    """Python code; what it prints and the value of its last expression come back."""

    code: str = Field(min_length=1, max_length=MAX_CODE_CHARS)


class SandboxResult(ToolModel):
    """What the code did. `error` is null when it ran to its end."""

    output: str = Field(description="what was printed, errors with their traceback included")
    output_cut: bool = Field(description="whether it printed more, and was ended there")
    value: str | None = Field(description="repr of the last expression; null if there is none")
    error: str | None = Field(description="type and text of what was raised, in one line")
    python_version: str
    rule: str = RULE
