"""The contract of every tool: typed arguments and result, named limits, error codes, examples, a plain answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from libs.core.errors import FleetError

Language = Literal["en", "de"]
ErrorCode = Literal[
    "invalid_argument",
    "ambiguous",
    "limit_exceeded",
    "division_by_zero",
    "domain_error",
    "undecided",
    "unknown_tool",
    "timeout",
    "busy",
    "worker_lost",
]
Arguments = Mapping[str, JsonValue]

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class ToolError(FleetError):
    """A tool that will not answer. `code` is one of `ErrorCode`; the message is one line and names what was broken."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message, code=code)


class ToolModel(BaseModel):
    """Base of arguments and results: frozen, no coercion, no unknown fields."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Bilingual(ToolModel):
    """One text in both languages that people see."""

    en: str
    de: str

    def say(self, language: Language) -> str:
        return self.de if language == "de" else self.en


class Limit(ToolModel):
    """A cost limit, checked before the work starts."""

    name: str
    value: int
    unit: str


class Annotations(ToolModel):
    """What a caller may rely on: nothing is changed, repeating is harmless, nothing outside is asked."""

    read_only: bool = True
    idempotent: bool = True
    open_world: bool = False


PURE = Annotations()


class Example(ToolModel):
    """A call and its whole result, run as a test."""

    args: dict[str, JsonValue]
    result: dict[str, JsonValue]
    answer: str


class ErrorExample(ToolModel):
    """A call that is refused, run as a test."""

    args: dict[str, JsonValue]
    code: str


class AnswerStyle(ToolModel):
    """How the plain sentence is written. `focus` names the fact that was asked for and is said first."""

    language: Language = "en"
    focus: str | None = None


class ToolResult(ToolModel):
    """A finished call: the tool's own result as JSON and one sentence that answers without any model."""

    status: Literal["ok"] = "ok"
    tool: str
    result: dict[str, JsonValue]
    answer: str


class ToolDescription(ToolModel):
    """What `GET /tools` says about one tool."""

    name: str
    description: Bilingual
    input_schema: dict[str, JsonValue]
    output_schema: dict[str, JsonValue]
    annotations: Annotations
    focuses: tuple[str, ...]
    limits: tuple[Limit, ...]
    example: Example
    error_example: ErrorExample


class AnyTool(Protocol):
    """A tool whose argument and result types are its own business."""

    @property
    def name(self) -> str: ...

    def invoke(self, args: Arguments, style: AnswerStyle) -> ToolResult:
        """Validate, run, and phrase the answer. Raises ToolError. Pure: may be repeated."""
        ...

    def describe(self) -> ToolDescription: ...


ArgumentsT = TypeVar("ArgumentsT", bound=ToolModel)
ResultT = TypeVar("ResultT", bound=ToolModel)


@dataclass(frozen=True, slots=True)
class Tool(Generic[ArgumentsT, ResultT]):
    """One tool. `run` is pure and raises ToolError; `answer` phrases a result and never fails."""

    name: str
    description: Bilingual
    arguments: type[ArgumentsT]
    result: type[ResultT]
    run: Callable[[ArgumentsT], ResultT]
    answer: Callable[[ResultT, AnswerStyle], str]
    limits: tuple[Limit, ...]
    example: Example
    error_example: ErrorExample
    focuses: tuple[str, ...] = ()
    annotations: Annotations = PURE

    def invoke(self, args: Arguments, style: AnswerStyle) -> ToolResult:
        if style.focus is not None and style.focus not in self.focuses:
            raise ToolError("invalid_argument", f"focus: {self.name} knows {', '.join(self.focuses) or 'none'}")
        outcome = self.run(self._validated(args))
        return ToolResult(tool=self.name, result=outcome.model_dump(mode="json"), answer=self.answer(outcome, style))

    def describe(self) -> ToolDescription:
        return ToolDescription(
            name=self.name,
            description=self.description,
            input_schema={"$schema": SCHEMA_DIALECT, **self.arguments.model_json_schema()},
            output_schema={"$schema": SCHEMA_DIALECT, **self.result.model_json_schema(mode="serialization")},
            annotations=self.annotations,
            focuses=self.focuses,
            limits=self.limits,
            example=self.example,
            error_example=self.error_example,
        )

    def _validated(self, args: Arguments) -> ArgumentsT:
        try:
            return self.arguments.model_validate(args)
        except ValidationError as error:
            raise _refusal(error) from error


def _refusal(error: ValidationError) -> ToolError:
    """Say which argument is wrong, without repeating the value: it may be a megabyte long."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part)[:40] for part in first["loc"]) or "arguments"
    code: ErrorCode = "limit_exceeded" if first["type"] == "string_too_long" else "invalid_argument"
    return ToolError(code, f"{where}: {first['msg']}")
