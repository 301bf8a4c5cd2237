"""The sandbox of document parsers: own namespaces, no files but installed code, few system calls.

Root needs no user namespace. Other users do, and so does root without the capability.
"""

import os
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from services.mcp.sandbox import kernel
from services.mcp.sandbox.library import standard_library
from services.mcp.sandbox.rootfs import Folder, enter_namespaces, mount_rootfs
from services.mcp.sandbox.seccomp_filter import install_seccomp_filter
from services.mcp.sandbox.unprivileged import DOCUMENT_PARSER, drop_root

_ROOT_BYTES = 64 * 1024
_CHANNEL_CALLS = ("recvfrom", "sendto")  # on the worker's only socket; it cannot create another


@dataclass(frozen=True, slots=True)
class Isolation:
    """The isolation of a process. `refusal` is the kernel's refusal, empty for none."""

    user_id: int
    refusal: str = ""


def enter_sandbox() -> Isolation:
    """Leave the network, the machine's files and all privileges, irrevocably. Requires a process with one thread.

    Modules that are not loaded yet can be read only from the folders of Python and its packages.
    """
    try:
        kernel.machine()  # raises if the table of system calls has no column
        _enter()
    except kernel.Refused as refusal:
        drop_root(DOCUMENT_PARSER)
        return Isolation(os.geteuid(), str(refusal))
    return Isolation(os.geteuid())


def restrict_system_calls() -> None:
    """Refuse processes, sockets, signals and new files from now on. Raises kernel.Refused."""
    install_seccomp_filter(_CHANNEL_CALLS)


def _enter() -> None:
    if os.geteuid() == 0 and _entered_as_root():
        mount_rootfs(_code_folders(), (), _ROOT_BYTES)
        drop_root(DOCUMENT_PARSER)
        return
    drop_root(DOCUMENT_PARSER)
    enter_namespaces(new_user=True)
    mount_rootfs(_code_folders(), (), _ROOT_BYTES)
    kernel.drop_capabilities()


def _entered_as_root() -> bool:
    try:
        enter_namespaces(new_user=False)
    except kernel.Refused:  # a container without CAP_SYS_ADMIN
        return False
    return True


def _code_folders() -> tuple[Folder, ...]:
    paths = dict.fromkeys(str(Path(sysconfig.get_path(name)).resolve()) for name in ("purelib", "platlib"))
    return (*standard_library(), *(Folder(path, path, needed=False) for path in paths))
