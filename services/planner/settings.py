"""Settings of the planner."""

from typing import ClassVar

from pydantic import Field, field_validator

from libs.contracts.tool_catalogue import catalogue
from libs.runtime.settings import ModelSettings


class Settings(ModelSettings):
    """Settings of the planning model, its timeout, and the served tools that plans may use."""

    shaped_by: ClassVar[tuple[str, ...]] = (*ModelSettings.shaped_by, "planner_timeout_s", "planner_served_tools")

    planner_timeout_s: float = Field(
        300, gt=0, validation_alias="PLANNER_TIMEOUT", description="Timeout of a planner's model call (s)"
    )
    planner_served_tools: str = Field(
        "",
        validation_alias="MOE_PLANNER_SERVED_TOOLS",
        description="Served tools that plans may use in addition to pure tools, comma-separated. Templates and "
        "grants select from these and add none",
    )

    @field_validator("planner_served_tools")
    @classmethod
    def _are_tools(cls, value: str) -> str:
        known = {tool.name for tool in catalogue()}
        if unknown := [name for name in _names(value) if name not in known]:
            raise ValueError(f"there is no tool named {unknown[0][:40]}")
        return value

    def served_tools(self) -> frozenset[str]:
        return frozenset(_names(self.planner_served_tools))


def _names(value: str) -> list[str]:
    return [name.strip() for name in value.split(",") if name.strip()]
