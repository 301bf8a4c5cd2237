"""Result of parsing a text: its value, the positions of its parts, and its errors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pydantic import Field, JsonValue

from services.mcp.contract import ErrorCode, ToolError, ToolModel
from services.mcp.tools.pure.data.json_reader import Place

Position: TypeAlias = tuple[int, int]
MAX_DIAGNOSTICS = 100


class Diagnostic(ToolModel):
    """One finding. Lines and columns count from 1; pointers are JSON Pointers (RFC 6901)."""

    severity: Literal["error", "warning"]
    code: str
    message: str
    line: int | None
    column: int | None
    pointer: str | None = Field(description="Where in the value; null for an error of syntax")
    schema_pointer: str | None = Field(description="Which part of the schema is broken")


@dataclass(frozen=True, slots=True)
class Document:
    """A text that was read. `value` is None, and `has_value` false, for XML and where reading failed."""

    value: JsonValue = None
    has_value: bool = False
    places: Mapping[Place, Position] = field(default_factory=dict)
    findings: tuple[Diagnostic, ...] = ()
    parts: int = 0


class Broken(Exception):
    """A fatal syntax error."""

    def __init__(self, code: str, message: str, position: Position | None) -> None:
        super().__init__(message)
        self.finding = finding("error", code, message, position)


def not_read(message: str, position: Position | None, code: ErrorCode = "undecided") -> ToolError:
    """Refusal of input that the standard allows and this reader does not support: neither valid nor invalid."""
    line, column = position or (1, 1)
    return ToolError(code, f"payload: {message} (line {line}, column {column})")


def finding(severity: Literal["error", "warning"], code: str, message: str, position: Position | None) -> Diagnostic:
    """Finding of syntax."""
    line, column = position or (None, None)
    return Diagnostic(
        severity=severity, code=code, message=message, line=line, column=column, pointer=None, schema_pointer=None
    )


def pointer(way: Place) -> str:
    """JSON Pointer of a path from the root."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in way)
