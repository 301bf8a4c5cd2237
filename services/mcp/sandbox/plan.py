"""The configuration of a sandbox. Sent as JSON in the launcher's command line; holds no secrets."""

import json
from dataclasses import asdict, dataclass
from typing import Self

from services.mcp.sandbox.rootfs import Folder

REFUSED = 97  # exit status if the kernel refuses isolation; no program can end with it


@dataclass(frozen=True)
class Plan:
    """A program, its readable folders, and its limits. `masked` folders appear empty."""

    program: str
    folders: tuple[Folder, ...] = ()
    masked: tuple[str, ...] = ()
    packages_in: tuple[str, ...] = ()
    cpu_s: int = 2
    memory_bytes: int = 256 * 1024 * 1024
    rootfs_bytes: int = 16 * 1024 * 1024

    def written(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Self:
        """Parse the result of `written`."""
        fields = json.loads(text)
        fields |= {name: tuple(fields[name]) for name in ("masked", "packages_in")}
        return cls(**fields | {"folders": tuple(Folder(**folder) for folder in fields["folders"])})
