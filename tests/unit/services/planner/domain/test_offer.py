from typing import get_args

from libs.contracts.finding import Category
from libs.contracts.tool_catalogue import catalogue
from services.planner.domain.offer import EXPERTS, PURE_TOOLS, TOOLS, Capabilities


def test_what_needs_nothing_outside_is_offered_everywhere() -> None:
    assert catalogue() == TOOLS
    assert Capabilities().tools == PURE_TOOLS
    assert not any(tool.served for tool in PURE_TOOLS)


def test_every_category_is_offered_but_vision_which_needs_images() -> None:
    assert set(EXPERTS) == set(get_args(Category)) - {"vision"}
