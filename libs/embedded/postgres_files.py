"""The files of an embedded Postgres cluster."""

from dataclasses import dataclass
from pathlib import Path

from libs.embedded.errors import EmbeddedStoreFailed

_PROCESS_TABLE = Path("/proc")


@dataclass(frozen=True, slots=True)
class Cluster:
    """`data` is below a folder of our own, beside the password of its superuser."""

    home: Path
    processes: Path = _PROCESS_TABLE

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def fresh(self) -> Path:
        """The folder of a cluster in creation; it is renamed once it is complete."""
        return self.home / "data.new"

    @property
    def password(self) -> Path:
        return self.home / "password"

    @property
    def handed_password(self) -> Path:
        """A copy of the password for initdb, which may run as another user."""
        return self.home / "password.initdb"

    def exists(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def refuse_without_password(self) -> None:
        """Raise EmbeddedStoreFailed if the password file is missing."""
        if not self.password.exists():
            raise EmbeddedStoreFailed(f"{self.password} is missing: restore it, or remove {self.home} to begin anew")

    def stale_owner(self) -> dict[str, str]:
        """The variable that lets Postgres start although the pid in its lock file now belongs to another program.

        After a crash in a container the same small pids recur, and Postgres would not start without manual repair. It
        ignores the pid of its grandparent. This is safe: Postgres still refuses while the shared memory of the old
        server is in use, and our lock on the data directory proves that no guard of an old server is alive.
        """
        try:
            owner = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            program = (self.processes / str(owner) / "comm").read_text().strip()
        except (OSError, ValueError):
            return {}
        return {} if program == "postgres" else {"PG_GRANDPARENT_PID": str(owner)}
