"""Errors of starting a store, each with an action for the operator."""

from pathlib import Path

from libs.core.errors import FleetError

TAIL_LINES = 20
_TAIL_BYTES = 16_384


class EmbeddedStoreFailed(FleetError):
    """An embedded store cannot start. The first line is the remedy; log lines may follow."""

    code = "embedded_store_failed"


class DataDirInUse(FleetError):
    """Another fleet uses the same data directory."""

    code = "data_dir_in_use"


def log_tail(log: Path) -> str:
    """The last lines of a log, indented; a placeholder if there are none."""
    try:
        raw = log.read_bytes()[-_TAIL_BYTES:]
    except OSError:
        raw = b""
    lines = raw.decode(errors="replace").splitlines()[-TAIL_LINES:]
    return "\n".join(f"  {line}" for line in lines) or "  (its log is empty)"
