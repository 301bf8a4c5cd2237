"""Prometheus' text format, as far as our own processes write it."""

import math
import re
from dataclasses import dataclass

_SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]{0,200})(?:\{((?:[^"{}]|"(?:[^"\\]|\\.)*")*)\})? (\S{1,40})')
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
_MAX_SAMPLES = 20_000
_MAX_LINE = 3000  # characters


@dataclass(frozen=True, slots=True)
class Sample:
    """One line: a name, the values of its labels in their order, and a number."""

    name: str
    labels: tuple[str, ...]
    value: float


def samples(text: str, names: frozenset[str]) -> tuple[Sample, ...]:
    """Samples with these names; skips values that are no numbers."""
    lines = (line for line in text.splitlines()[:_MAX_SAMPLES] if len(line) <= _MAX_LINE and not line.startswith("#"))
    read = (_sample(line) for line in map(_SAMPLE.fullmatch, lines) if line is not None and line[1] in names)
    return tuple(sample for sample in read if sample is not None)


def _sample(line: re.Match[str]) -> Sample | None:
    try:
        value = float(line[3])
    except ValueError:
        return None
    labels = tuple(_ESCAPED.sub(_unescaped, match[2]) for match in _LABEL.finditer(line[2] or ""))
    return Sample(line[1], labels, value) if math.isfinite(value) else None


def _unescaped(escaped: re.Match[str]) -> str:
    return "\n" if escaped[1] == "n" else escaped[1]
