"""What runs in a cell. A program is `run(request, report)`; its modules are loaded before the door closes."""

MAX_VALUE_CHARS = 10_000  # of what `python` reports; the service cuts again, because code can report in its place
MAX_ERROR_CHARS = 500
