"""The files of an embedded Postgres cluster."""

from dataclasses import dataclass
from pathlib import Path

from libs.embedded.errors import EmbeddedStoreFailed

_PROCESS_TABLE = Path("/proc")


@dataclass(frozen=True, slots=True)
class Cluster:
    """`data` below a folder of our own, the password of its superuser beside it."""

    home: Path
    processes: Path = _PROCESS_TABLE

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def fresh(self) -> Path:
        """Return where a cluster is made; it is renamed when it is complete."""
        return self.home / "data.new"

    @property
    def password(self) -> Path:
        return self.home / "password"

    @property
    def handed_password(self) -> Path:
        """Return the copy that initdb reads, which may run as another user."""
        return self.home / "password.initdb"

    def exists(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def refuse_without_password(self) -> None:
        """Raise EmbeddedStoreFailed if nobody could log in any more."""
        if not self.password.exists():
            raise EmbeddedStoreFailed(f"{self.password} is missing: restore it, or remove {self.home} to begin anew")

    def stale_owner(self) -> dict[str, str]:
        """Return the variable that lets Postgres start although the pid in its lock file is now a stranger's.

        After a crash in a container the same small pids come again, and Postgres would wait for a person. It ignores
        the pid of its grandparent; it still refuses while the shared memory of the old server is in use, and our own
        lock on the data directory says that no guard of an old server is alive.
        """
        try:
            owner = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            program = (self.processes / str(owner) / "comm").read_text().strip()
        except (OSError, ValueError):
            return {}
        return {} if program == "postgres" else {"PG_GRANDPARENT_PID": str(owner)}
