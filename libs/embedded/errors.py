"""What can go wrong while starting a store, as one error that a person can act on."""

from pathlib import Path

from libs.core.errors import FleetError

TAIL_LINES = 20
_TAIL_BYTES = 16_384


class EmbeddedStoreFailed(FleetError):
    """An embedded store cannot be started. The first line says what to do; log lines may follow."""

    code = "embedded_store_failed"


class DataDirInUse(FleetError):
    """Another fleet uses the same data directory."""

    code = "data_dir_in_use"


def log_tail(log: Path) -> str:
    """Return the last lines of a log, each indented, or a note that there are none."""
    try:
        raw = log.read_bytes()[-_TAIL_BYTES:]
    except OSError:
        raw = b""
    lines = raw.decode(errors="replace").splitlines()[-TAIL_LINES:]
    return "\n".join(f"  {line}" for line in lines) or "  (its log is empty)"
