"""The models that may be asked straight away."""

from dataclasses import dataclass

from libs.ports.llm import ModelRef


@dataclass(frozen=True, slots=True)
class DirectModels:
    """`tool` calls tools and keeps formats, `judge` answers the prompts that clients write by themselves, `vision`
    sees images, None where there is none; `nodes` are the servers by name."""

    tool: ModelRef
    judge: ModelRef
    vision: ModelRef | None
    nodes: frozenset[str]
