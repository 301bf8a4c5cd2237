"""Lines of an export, read strictly: what two readers of JSON could understand differently is an error."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

MAX_LINE_BYTES = 32 << 20  # content is a broker's record, compressed, in base64: a few megabytes at the most

MAX_NUMBER = 2**63 - 1


class Bad(Exception):
    """Something is wrong. `index` is the number that the row in this place should have; 0 outside of the rows."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(reason)
        self.index = index
        self.reason = reason


class BadLine(Exception):
    """A line that cannot be one of an export, before its JSON is read."""


def read_lines(path: Path, encoding: str) -> Iterator[str]:
    """Yield the lines of a file, with at most one of them in memory. Raises BadLine and OSError."""
    with path.open("rb") as file:
        while raw := file.readline(MAX_LINE_BYTES + 1):
            if len(raw) > MAX_LINE_BYTES:
                raise BadLine(f"a line is longer than {MAX_LINE_BYTES} bytes")
            try:
                yield raw.decode(encoding)
            except UnicodeDecodeError as error:
                raise BadLine(f"a line is not {encoding.upper()}") from error


def read_complete_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file whose last line has its end too. Raises BadLine and OSError."""
    for line in read_lines(path, "ascii"):
        if not line.endswith("\n"):
            raise BadLine("the last line was cut off")
        yield line


def parsed(line: str, index: int) -> dict[str, object]:
    """JSON object of a line. Raises Bad, also for a name that stands twice, for NaN and for -0."""
    try:
        value = json.loads(line, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise Bad(index, "a line is not JSON") from error
    if not isinstance(value, dict):
        raise Bad(index, "a line is no object")
    return value


def require_fields(value: Mapping[str, object], names: frozenset[str], index: int) -> None:
    """Raise Bad unless an object has these fields, `kind`, and no other."""
    if value.keys() != names | {"kind"}:
        raise Bad(index, f"the fields of a line are not kind, {', '.join(sorted(names))}")


def text(value: Mapping[str, object], name: str, index: int) -> str:
    """Field that is text. Raises Bad."""
    if not isinstance(found := value.get(name), str):
        raise Bad(index, f"{name} is missing or no text")
    return found


def number(value: Mapping[str, object], name: str, index: int, at_least: int) -> int:
    """Field that is an integer (1.0 and true are none) of 63 bits, as in the journal. Raises Bad."""
    found = value.get(name)
    if not isinstance(found, int) or isinstance(found, bool) or not at_least <= found <= MAX_NUMBER:
        raise Bad(index, f"{name} is no integer from {at_least} to {MAX_NUMBER}")
    return found


def binary(value: Mapping[str, object], name: str, index: int, size: int) -> bytes:
    """Field of `size` bytes in lower-case hex. Raises Bad."""
    raw = from_hex(text(value, name, index), size)
    if raw is None:
        raise Bad(index, f"{name} is not {size} bytes in lower-case hex")
    return raw


def from_hex(found: str, size: int) -> bytes | None:
    """Bytes of lower-case hex, None for anything else."""
    return bytes.fromhex(found) if len(found) == 2 * size and set(found) <= set("0123456789abcdef") else None


def printable(found: str) -> str:
    """Text from an export as it can be printed anywhere: what is not plain ASCII is escaped."""
    return ascii(found)[1:-1]


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _integer(digits: str) -> int:
    """Zero has one spelling: some readers take `-0` for another number."""
    if digits == "-0":
        raise ValueError("-0 is no number of an export")
    return int(digits)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
