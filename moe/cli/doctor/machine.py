"""Check for other users of this machine: a broker without authentication serves every local account."""

import os
import pwd
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from libs.core.errors import ConfigurationError
from libs.runtime.settings.kafka_connection import KafkaConnection
from libs.runtime.settings.kafka_security import is_loopback_alone
from moe.cli.context.cli_context import CliContext
from moe.cli.doctor.findings import Finding

_FIRST_PERSON = 1000  # lower ids belong to the system
_NOBODY = 65534
_NO_LOGIN = ("nologin", "false", "sync", "")
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Account:
    """Entry of the user database."""

    name: str
    uid: int
    shell: str

    @property
    def may_log_in(self) -> bool:
        """Whether the account belongs to a person."""
        is_person = self.uid >= _FIRST_PERSON and self.uid != _NOBODY
        return is_person and Path(self.shell).name not in _NO_LOGIN


@dataclass(frozen=True, slots=True)
class Process:
    """Running process: its parent and its user."""

    pid: int
    parent: int
    uid: int


def check_machine(place: CliContext) -> tuple[Finding, ...]:
    """Warn if others can read the broker: over the network or, if embedded, from accounts of this machine."""
    try:
        connection = place.settings.connection if place.settings.kafka_url else None
    except ConfigurationError:
        return ()  # another finding reports it
    if connection is not None and "KAFKA_URL" not in place.given:
        return _own_broker(connection)
    is_memory = place.settings.embedded_kafka == "tansu" if connection is None else not connection.is_secured
    return _memory_broker(place) if is_memory else ()


def _own_broker(connection: KafkaConnection) -> tuple[Finding, ...]:
    if connection.is_secured or is_loopback_alone(connection.bootstrap):
        return ()
    text = f"records travel unencrypted, and every host that reaches {connection.bootstrap} can read and write them"
    return (Finding("broker", "note", text, "set MOE_KAFKA_SECURITY_PROTOCOL=SASL_SSL, or SSL with a certificate"),)


def _memory_broker(place: CliContext) -> tuple[Finding, ...]:
    others = other_users(_accounts(), tuple(_processes()), os.geteuid(), place.fleet_pid)
    if not others:
        return ()
    shown = ", ".join(others[:_NAMED]) + (f" and {len(others) - _NAMED} more" if len(others) > _NAMED else "")
    text = f"the broker has no authentication, and this machine has other users, who can read it: {shown}"
    advice = "MOE_EMBEDDED_KAFKA=kafka starts one that asks for a password"
    return (Finding("broker", "note", text, advice),)


def other_users(accounts: Iterable[Account], processes: Iterable[Process], own: int, fleet: int) -> tuple[str, ...]:
    """Accounts, besides root and our own, that may log in or run a process; the fleet's child processes are ours.

    `fleet` is the process id of the running fleet, 0 for none.
    """
    known = {account.uid: account for account in accounts}
    people = {account.uid for account in known.values() if account.may_log_in}
    running = {process.uid for process in _foreign(processes, fleet)}
    uids = sorted((people | running) - {0, own})
    return tuple(known[uid].name if uid in known else f"uid {uid}" for uid in uids)


def _foreign(processes: Iterable[Process], fleet: int) -> Iterator[Process]:
    """Yield the processes that do not descend from the fleet: under root, its database runs as another user."""
    found = tuple(processes)
    parents = {process.pid: process.parent for process in found}
    for process in found:
        pid, seen = process.pid, set[int]()
        while pid and pid != fleet and pid not in seen:
            seen.add(pid)
            pid = parents.get(pid, 0)
        if not fleet or pid != fleet:
            yield process


def _accounts() -> Iterator[Account]:
    return (Account(entry.pw_name, entry.pw_uid, entry.pw_shell) for entry in pwd.getpwall())


def _processes(folder: Path = Path("/proc")) -> Iterator[Process]:
    """Yield the processes that Linux shows; none on other systems, and none that ends meanwhile."""
    for entry in folder.glob("[0-9]*"):
        try:
            status = (entry / "status").read_text()
        except OSError:
            continue
        fields = dict(line.partition(":")[::2] for line in status.splitlines())
        yield Process(int(entry.name), int(fields["PPid"]), int(fields["Uid"].split()[1]))
