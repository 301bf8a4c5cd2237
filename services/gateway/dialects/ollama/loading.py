"""A request without a question: Ollama loads the model for it, or lets it go."""

import re
from dataclasses import dataclass
from typing import Literal

_NO_TIME = re.compile(r"[+-]?0+(\.0*)?(ns|us|µs|ms|s|m|h)?")


@dataclass(frozen=True, slots=True)
class Loading:
    """`reason` is what the client is told that was done."""

    model: str
    reason: Literal["load", "unload"]


def loading(model: str, keep_alive: object) -> Loading:
    """Return what is wanted of a model. `keep_alive` is seconds, or a time as text; none of it lets the model go."""
    none = _NO_TIME.fullmatch(keep_alive) if isinstance(keep_alive, str) else keep_alive == 0
    return Loading(model, "unload" if none else "load")
