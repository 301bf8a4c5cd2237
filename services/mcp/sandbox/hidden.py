"""Which names of a workspace are not shown: they may hold secrets. For the service and for programs in cells."""

_SHOWN_ANYWAY = frozenset({".github"})


def is_hidden(name: str) -> bool:
    """Return whether a file or folder of this name, one part of a path, stays unseen with all that is in it."""
    return name.startswith(".") and name not in _SHOWN_ANYWAY
