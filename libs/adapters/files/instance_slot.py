"""Instance numbers: from the pod name, or the first free one in the data directory."""

import fcntl
import os
import re
import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from libs.core.errors import ConfigurationError
from libs.core.private_folder import make_private_folder
from libs.core.resource import Resource

_ORDINAL = re.compile(r"-([0-9]{1,4})$")


@dataclass
class InstanceSlot(Resource):
    """The number of this instance. A claimed number is held until the release or the end of the process."""

    number: int
    descriptor: int = -1

    @classmethod
    def fixed(cls, number: int, limit: int) -> Self:
        """Use a configured number. Raises ConfigurationError unless it is below `limit`."""
        if not 0 <= number < limit:
            raise ConfigurationError(f"MOE_INSTANCE_ORDINAL: {number} is not in 0..{limit - 1}")
        return cls(number)

    async def _enter(self, stack: AsyncExitStack) -> None:
        stack.callback(self.release)

    def release(self) -> None:
        """Release the number. Idempotent."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def claim_slot(data_dir: Path, limit: int, kind: str = "") -> InstanceSlot:
    """Claim the first free number of a kind below `limit`.

    The kernel releases it when the process ends, however it ends. Raises ConfigurationError when all numbers are taken
    or the directory is not writable.
    """
    folder = data_dir / "instances" / kind
    try:
        make_private_folder(data_dir)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in range(limit):
            if (descriptor := _locked(folder / f"{number}.lock")) is not None:
                return InstanceSlot(number, descriptor)
    except OSError as error:
        raise ConfigurationError(f"MOE_DATA_DIR: {folder} cannot be written: {error}") from error
    raise ConfigurationError(f"MOE_DATA_DIR: all {limit} instance numbers in {folder} are taken")


def installation_id(data_dir: Path) -> str:
    """Unique id of a data directory, created once.

    Raises ConfigurationError when it can be neither read nor created.
    """
    path = data_dir / "instances" / "installation"
    try:
        make_private_folder(data_dir)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path.read_text().strip() if path.exists() else _made_once(path)
    except OSError as error:
        raise ConfigurationError(f"MOE_DATA_DIR: {path} cannot be used: {error}") from error


def ordinal_of(host_name: str) -> int:
    """The number of a StatefulSet's pod. Raises ConfigurationError for a name without one."""
    if (match := _ORDINAL.search(host_name.partition(".")[0])) is None:
        raise ConfigurationError(f"MOE_INSTANCE_ORDINAL: the host name {host_name!r} does not end in -<number>")
    return int(match[1])


def _made_once(path: Path) -> str:
    """Write the whole file atomically; concurrent processes all return the content of the first one."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    draft.write_text(secrets.token_hex(4))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()


def _locked(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
