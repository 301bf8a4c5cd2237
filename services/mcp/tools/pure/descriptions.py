"""Descriptions of the pure tools, generated from them, so that a list needs no import of the tools."""

from functools import cache
from pathlib import Path

from services.mcp.contract import ToolDescription, ToolModel

PATH = Path(__file__).with_name("descriptions.json")


class PureTools(ToolModel):
    """The quick tools and the slow ones, in the order in which they are listed."""

    quick: tuple[ToolDescription, ...]
    lengthy: tuple[ToolDescription, ...]

    @property
    def every(self) -> tuple[ToolDescription, ...]:
        """Both, the quick ones first."""
        return (*self.quick, *self.lengthy)


@cache
def pure_tools() -> PureTools:
    """As generated."""
    # Fields that there are no more are passed over, so that they can be generated anew.
    return PureTools.model_validate_json(PATH.read_bytes(), extra="ignore")
