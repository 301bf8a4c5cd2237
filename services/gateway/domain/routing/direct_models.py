"""The models of direct requests."""

from dataclasses import dataclass

from libs.contracts.staffing import ModelRef


@dataclass(frozen=True, slots=True)
class DirectModels:
    """`tool` answers requests with tools or formats, `judge` the prompts that clients generate by themselves, `vision`
    requests with images (None: no such model). `nodes` are the names of the servers. `fetch`: servers may get the
    addresses of images, to fetch them."""

    tool: ModelRef
    judge: ModelRef
    vision: ModelRef | None
    nodes: frozenset[str]
    fetch: bool = False
