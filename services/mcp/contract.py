"""The contract of every tool: typed arguments and result, named limits, error codes, examples, a plain answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from libs.ports.identity import Grants
from services.mcp.refusal import ErrorCode as ErrorCode
from services.mcp.refusal import ToolError as ToolError
from services.mcp.refusal import check_names, refused

Language = Literal["en", "de"]
Group = Literal["core", "research", "data", "legal", "files"]
Arguments = Mapping[str, JsonValue]

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class ToolModel(BaseModel):
    """Base of arguments and results: frozen, no coercion, no unknown fields."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Bilingual(ToolModel):
    """One user-visible text in both languages."""

    en: str
    de: str

    def text(self, language: Language) -> str:
        return self.de if language == "de" else self.en


class Limit(ToolModel):
    """A cost limit, checked before the work starts."""

    name: str
    value: int
    unit: str


class Annotations(ToolModel):
    """Guarantees to callers; by default read-only, idempotent, and without access to outside systems.

    `destructive`: a call may delete or overwrite existing content.
    """

    read_only: bool = True
    idempotent: bool = True
    open_world: bool = False
    destructive: bool = False


PURE = Annotations()


class Example(ToolModel):
    """A call and its whole result, run as a test."""

    args: dict[str, JsonValue]
    result: dict[str, JsonValue]
    answer: str


class ErrorExample(ToolModel):
    """A call and the code of its refusal, run as a test."""

    args: dict[str, JsonValue]
    code: str


class AnswerStyle(ToolModel):
    """How the plain sentence is written. `focus` names the requested fact, which the sentence states first."""

    language: Language = "en"
    focus: str | None = None


class ToolResult(ToolModel):
    """A finished call: the tool's own result as JSON, and one sentence that answers without any model."""

    status: Literal["ok"] = "ok"
    tool: str
    result: dict[str, JsonValue]
    answer: str


class ToolDescription(ToolModel):
    """One tool in `GET /tools`. `unavailable` is the reason why it cannot run here, `keywords` are its search words."""

    name: str
    group: Group
    description: Bilingual
    keywords: Bilingual
    input_schema: dict[str, JsonValue]
    output_schema: dict[str, JsonValue]
    annotations: Annotations
    focuses: tuple[str, ...]
    limits: tuple[Limit, ...]
    example: Example
    error_example: ErrorExample
    unavailable: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of a tool: tools store state per tenant. Without grants, no tool may be used.

    `actor` is the public part of the key, or the id of the response that a call is for.
    """

    tenant: str
    grants: Grants = field(default_factory=Grants)
    actor: str = field(default="", compare=False)


class AnyTool(Protocol):
    """A tool with erased argument and result types."""

    @property
    def name(self) -> str: ...

    @property
    def example(self) -> Example: ...

    @property
    def error_example(self) -> ErrorExample: ...

    def invoke(self, args: Arguments, style: AnswerStyle) -> ToolResult:
        """Validate, run, and phrase the answer. Raises ToolError. Pure: may be repeated."""
        ...

    def describe(self) -> ToolDescription: ...


class AnyServedTool(Protocol):
    """A tool that depends on outside systems: it runs in the service, not in a worker."""

    @property
    def name(self) -> str: ...

    @property
    def unavailable(self) -> str | None: ...

    @property
    def tenants(self) -> frozenset[str] | None: ...

    @property
    def timeout_s(self) -> float: ...

    @property
    def request_bytes(self) -> int | None: ...

    async def invoke(self, args: Arguments, style: AnswerStyle, caller: Caller) -> ToolResult:
        """Validate, run, and phrase the answer. Raises ToolError."""
        ...

    def describe(self) -> ToolDescription: ...


ArgumentsT = TypeVar("ArgumentsT", bound=ToolModel)
ResultT = TypeVar("ResultT", bound=ToolModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card(Generic[ArgumentsT, ResultT]):
    """The description of every tool. `answer` phrases a result and never fails."""

    name: str
    description: Bilingual
    keywords: Bilingual
    arguments: type[ArgumentsT]
    result: type[ResultT]
    answer: Callable[[ResultT, AnswerStyle], str]
    limits: tuple[Limit, ...]
    example: Example
    error_example: ErrorExample
    focuses: tuple[str, ...] = ()
    annotations: Annotations = PURE
    group: Group = "core"

    def describe(self) -> ToolDescription:
        return ToolDescription(
            name=self.name,
            group=self.group,
            description=self.description,
            keywords=self.keywords,
            input_schema={"$schema": SCHEMA_DIALECT, **self.arguments.model_json_schema()},
            output_schema={"$schema": SCHEMA_DIALECT, **self.result.model_json_schema(mode="serialization")},
            annotations=self.annotations,
            focuses=self.focuses,
            limits=self.limits,
            example=self.example,
            error_example=self.error_example,
        )

    def validated(self, args: Arguments, style: AnswerStyle) -> ArgumentsT:
        """Parse the arguments. Raises ToolError."""
        if style.focus is not None and style.focus not in self.focuses:
            raise ToolError("invalid_argument", f"focus: {self.name} knows {', '.join(self.focuses) or 'none'}")
        check_names(args, self.arguments.model_fields.keys())
        try:
            return self.arguments.model_validate(args)
        except ValidationError as error:
            raise refused(error) from error

    def as_result(self, outcome: ResultT, style: AnswerStyle) -> ToolResult:
        return ToolResult(tool=self.name, result=outcome.model_dump(mode="json"), answer=self.answer(outcome, style))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(Card[ArgumentsT, ResultT]):
    """A pure tool, for the workers: `run` depends on its arguments alone and raises ToolError."""

    run: Callable[[ArgumentsT], ResultT]

    def invoke(self, args: Arguments, style: AnswerStyle) -> ToolResult:
        return self.as_result(self.run(self.validated(args, style)), style)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedTool(Card[ArgumentsT, ResultT]):
    """A tool that uses files, processes or the network, within `timeout_s`. `run` raises ToolError.

    `unavailable` names in one line the missing requirement; such a tool is listed, and its calls are refused. `tenants`
    may be granted the tool, None for all. `request_bytes` limits the arguments as JSON, None for the limit of pure
    tools.
    """

    run: Callable[[ArgumentsT, Caller], Awaitable[ResultT]]
    unavailable: str | None = None
    tenants: frozenset[str] | None = None
    timeout_s: float = 30.0
    request_bytes: int | None = None

    async def invoke(self, args: Arguments, style: AnswerStyle, caller: Caller) -> ToolResult:
        return self.as_result(await self.run(self.validated(args, style), caller), style)

    def describe(self) -> ToolDescription:
        described = Card[ArgumentsT, ResultT].describe(self)
        return described.model_copy(update={"unavailable": self.unavailable})
