"""One test for many cases of a pure function: it runs all of them and lists every one that fails.

For cases that are copies of each other by the hundred, where a separate test costs more than the checked code.
"""

import functools
import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

import pytest

Test: TypeAlias = Callable[..., Any]
_SHOWN = 15  # failures of a test that are shown with their traceback; a group prints no more
_FAILURES = (Exception, pytest.fail.Exception)


def for_every(**cases: Iterable[object]) -> Callable[[Test], Test]:
    """Calls a test with each combination of these arguments; other arguments are fixtures, shared by all cases.

    Each failure names its arguments. Raises ValueError without a case.
    """
    combined = [dict(zip(cases, values, strict=True)) for values in itertools.product(*cases.values())]
    if not combined:
        raise ValueError(f"no case of {', '.join(cases)}")

    def decorate(test: Test) -> Test:
        looped = _async_loop(test, combined) if inspect.iscoroutinefunction(test) else _loop(test, combined)
        signature = inspect.signature(test)
        fixtures = [value for name, value in signature.parameters.items() if name not in cases]
        looped.__signature__ = signature.replace(parameters=fixtures)  # type: ignore[attr-defined]  # pytest reads it
        return looped

    return decorate


def _loop(test: Test, cases: Iterable[Mapping[str, object]]) -> Test:
    @functools.wraps(test)
    def every(**fixtures: object) -> None:
        failures = _Failures()
        for case in cases:
            with failures.of(case):
                test(**fixtures, **case)
        failures.raise_all()

    return every


def _async_loop(test: Test, cases: Iterable[Mapping[str, object]]) -> Test:
    @functools.wraps(test)
    async def every(**fixtures: object) -> None:
        failures = _Failures()
        for case in cases:
            with failures.of(case):
                await test(**fixtures, **case)
        failures.raise_all()

    return every


class _Failures:
    """Failures by case."""

    def __init__(self) -> None:
        self._found: list[tuple[str, BaseException]] = []

    @contextmanager
    def of(self, case: Mapping[str, object]) -> Iterator[None]:
        try:
            yield
        except _FAILURES as failure:
            described = _described(case)
            failure.add_note(f"with {described}")
            self._found.append((described, failure))

    def raise_all(self) -> None:
        if self._found:
            lines = "\n".join(described for described, _ in self._found)
            shown = [failure for _, failure in self._found[:_SHOWN]]
            raise BaseExceptionGroup(f"{len(self._found)} cases failed:\n{lines}\n", shown)


def _described(case: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={_shortened(repr(value))}" for name, value in case.items())


def _shortened(text: str) -> str:
    return text if len(text) <= 200 else text[:200] + "…"
