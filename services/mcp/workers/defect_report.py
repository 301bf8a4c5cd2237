"""Reports a defect of a tool as one line on a worker's standard error, which the service logs."""

import json
import sys
import time
import traceback
from contextlib import suppress

_MOST_CHARACTERS = 10_000  # of a traceback, from its end: its message may hold an argument


def report_defect(tool: str) -> None:
    """Write the current exception to standard error. Its text may be of a client, so all but ASCII is escaped."""
    line = {
        "ts": time.strftime("%Y-%m-%dT%H:%M:%S"),
        "level": "ERROR",
        "logger": __name__,
        "message": f"the tool {tool} has a defect",
        "traceback": traceback.format_exc()[-_MOST_CHARACTERS:],
    }
    with suppress(OSError):  # the service may be gone
        sys.stderr.write(f"{json.dumps(line)}\n")
        sys.stderr.flush()
