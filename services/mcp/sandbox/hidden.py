"""Hidden names of a workspace: they may hold secrets. Shared by the service and by sandboxed programs."""

_SHOWN_ANYWAY = frozenset({".github"})


def is_hidden(name: str) -> bool:
    """`name` is one part of a path; a hidden folder hides all its content."""
    return name.startswith(".") and name not in _SHOWN_ANYWAY
