"""Contribution of one part to an answer."""

from typing import Literal

from libs.contracts.message import Value
from libs.contracts.model_call import ModelCall
from libs.contracts.summaries import quoted

Confidence = Literal["high", "medium", "low"]
Category = Literal[
    "general",
    "math",
    "technical_support",
    "creative_writer",
    "code_reviewer",
    "medical_consult",
    "legal_advisor",
    "translation",
    "reasoning",
    "vision",
    "data_analyst",
    "science",
]
Tier = Literal["T1", "T2"]


class Finding(Value):
    """An expert's or a tool's result. `text` is whole: only what a judge reads of it is capped.

    `source` is `model@server` for experts and the tool's name for tools; `headline` one or two sentences.
    `truncated`: the model reached its token limit before it had finished.
    """

    text: str
    headline: str = ""
    confidence: Confidence = "medium"
    source: str = ""
    calls: tuple[ModelCall, ...] = ()
    truncated: bool = False

    def summary(self) -> str:
        return f"{self.source or 'finding'}, confidence {self.confidence}: {quoted(self.headline or self.text)}"
