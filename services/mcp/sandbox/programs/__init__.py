"""Programs of a sandbox. A program is `run(request, report)`; its modules are loaded before isolation."""

MAX_VALUE_CHARS = 10_000  # of what `python` reports; the service cuts again: untrusted code can report instead
MAX_ERROR_CHARS = 500
