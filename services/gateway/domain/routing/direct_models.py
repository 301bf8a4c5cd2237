"""The models that may be asked straight away."""

from dataclasses import dataclass

from libs.ports.llm import ModelRef


@dataclass(frozen=True, slots=True)
class DirectModels:
    """`tool` calls tools and keeps formats, `judge` answers the prompts that clients write by themselves, `vision`
    sees images, None where there is none; `nodes` are the servers by name. `fetch`: they may be told the addresses of
    images, to fetch them."""

    tool: ModelRef
    judge: ModelRef
    vision: ModelRef | None
    nodes: frozenset[str]
    fetch: bool = False
