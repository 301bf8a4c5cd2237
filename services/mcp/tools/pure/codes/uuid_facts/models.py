"""Arguments and result of `uuid_facts`."""

from typing import Literal

from pydantic import Field

from services.mcp.contract import ToolModel
from services.mcp.tools.pure.codes.written import MAX_CODE_CHARS

Variant = Literal["ncs", "rfc9562", "microsoft", "future"]
Special = Literal["nil", "max"]
UUID_RULE = (
    "RFC 9562; versions 1 and 6 count 100 ns from 1582-10-15, version 7 counts milliseconds from 1970-01-01; "
    "fields are only meant as such in the variant of the RFC"
)


class UuidFactsArguments(ToolModel):
    """A UUID: with or without hyphens, in braces, or as a URN."""

    uuid: str = Field(min_length=1, max_length=MAX_CODE_CHARS)


class UuidFactsResult(ToolModel):
    """The fields of a UUID. What its version does not have is null."""

    uuid: str
    urn: str
    hex: str
    integer: str = Field(description="Decimal; too large for JSON numbers of some readers")
    special: Special | None
    variant: Variant
    version: int | None = Field(description="Null outside the variant of the RFC")
    version_name: str | None
    timestamp: str | None = Field(description="UTC, as exact as the version is: 100 ns or 1 ms")
    timestamp_count: str | None = Field(description="Versions 1 and 6: 100 ns since 1582-10-15; version 7: Unix ms")
    clock_sequence: int | None
    node: str | None = Field(description="Versions 1 and 6")
    node_is_random: bool | None = Field(description="The multicast bit is set: no network card has such an address")
    rule: str = UUID_RULE
