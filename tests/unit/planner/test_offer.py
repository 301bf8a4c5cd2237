from typing import get_args

from libs.contracts.finding import Category
from services.mcp.tools.registry import TOOLS as SERVED
from services.planner.domain.offer import EXPERTS, TOOLS


def test_the_offered_tools_are_those_that_the_mcp_service_has() -> None:
    served = {tool.name: tool.describe().input_schema["required"] for tool in SERVED}
    assert {tool.name: list(tool.arguments) for tool in TOOLS} == served


def test_every_category_is_offered_but_vision_which_needs_images() -> None:
    assert set(EXPERTS) == set(get_args(Category)) - {"vision"}
