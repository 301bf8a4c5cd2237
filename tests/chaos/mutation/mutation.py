"""A guard line, and the checks that must fail without it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutation:
    """`line` (without its indentation) occurs once in `file`; `becomes` replaces it.

    Either `scene` must fail then, or each of `tests`: node ids of pytest without parameters, one failing case of
    which is enough.
    """

    promise: str
    file: str
    line: str
    becomes: str
    scene: str = ""
    tests: tuple[str, ...] = ()
