"""Requests without a question: Ollama loads or unloads the model."""

import re
from dataclasses import dataclass
from typing import Literal

_NO_TIME = re.compile(r"[+-]?0+(\.0*)?(ns|us|µs|ms|s|m|h)?")


@dataclass(frozen=True, slots=True)
class Loading:
    """`reason` is the action in the answer."""

    model: str
    reason: Literal["load", "unload"]


def loading(model: str, keep_alive: object) -> Loading:
    """`keep_alive` is seconds, or a duration as text; zero unloads the model."""
    none = _NO_TIME.fullmatch(keep_alive) if isinstance(keep_alive, str) else keep_alive == 0
    return Loading(model, "unload" if none else "load")
