"""Large packages that tools are compared with, loaded when they are used: every process of a run imports every test."""

from importlib import import_module
from typing import Any


def stats() -> Any:  # noqa: ANN401 - a module
    """Scipy.stats, which takes 90 MB."""
    return import_module("scipy.stats")
