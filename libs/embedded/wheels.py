"""Files inside installed wheels."""

from importlib.util import find_spec
from pathlib import Path

from libs.embedded.errors import EmbeddedStoreFailed


def wheel_file(package: str, distribution: str, *parts: str) -> Path:
    """A file or folder of an installed package, without importing it. Raises EmbeddedStoreFailed."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedStoreFailed(f"the package {distribution} is not installed: run `make install`")
    path = Path(spec.submodule_search_locations[0], *parts)
    if not path.exists():
        raise EmbeddedStoreFailed(f"{distribution} has no {'/'.join(parts)} for this machine")
    return path
