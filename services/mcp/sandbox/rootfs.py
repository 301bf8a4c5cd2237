"""The root filesystem of a sandbox: a new root in memory, with a few read-only folders of ours."""

import ctypes
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from services.mcp.sandbox import kernel
from services.mcp.sandbox.syscalls import MOUNT_SETATTR, PIVOT_ROOT
from services.mcp.sandbox.unprivileged import SANDBOX, drop_root

WORK = "/work"
_BASE = "/tmp"  # exists on every system; it is covered, not used
_NEWNS, _NEWCGROUP, _NEWUTS, _NEWIPC = 0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000
_NEWUSER, _NEWPID, _NEWNET = 0x1000_0000, 0x2000_0000, 0x4000_0000
_NOSUID, _NODEV, _NOEXEC, _BIND, _REC, _PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
_DETACH = 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_READ_ONLY = struct.pack("=QQQQ", 1 | 2 | 4, 0, 0, 0)  # struct mount_attr: set read-only, nosuid, nodev
_PR_SET_DUMPABLE = 4


@dataclass(frozen=True)
class Folder:
    """A folder of ours that is readable in the sandbox, as `seen`. If not `needed`, it may be inaccessible."""

    path: str
    seen: str
    needed: bool = True


def unshare_namespaces() -> None:
    """Drop root and enter new namespaces; the next child is the first process of its own. Raises Refused."""
    drop_root(SANDBOX)
    enter_namespaces(new_user=True, more=_NEWPID)


def enter_namespaces(*, new_user: bool, more: int = 0) -> None:
    """Enter new network, mount, IPC, UTS and cgroup namespaces, and `more`. Raises Refused.

    With `new_user` the process has all capabilities in its own user namespace; without, it must be root.
    """
    flags = _NEWNET | _NEWNS | _NEWIPC | _NEWUTS | _NEWCGROUP | more
    if not new_user:
        kernel.unshare(flags)
        return
    kernel.prctl("own identity", _PR_SET_DUMPABLE, 1)  # a change of user resets it, and with it access to /proc/self
    user, group = os.geteuid(), os.getegid()
    kernel.unshare(_NEWUSER | flags)
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    except OSError as error:
        raise kernel.Refused(f"user namespace: {error.strerror}") from error


def mount_rootfs(folders: Sequence[Folder], masked: Sequence[str], size_bytes: int) -> None:
    """Build the root filesystem and enter its folder `WORK`. Raises Refused."""
    opened = [(folder, descriptor) for folder in folders if (descriptor := _open(folder)) is not None]
    kernel.mount("none", "/", "", _REC | _PRIVATE)
    _memory(_BASE, size_bytes)
    for folder, descriptor in opened:
        _show(f"/proc/self/fd/{descriptor}", _BASE + folder.seen)
        os.close(descriptor)
    for path in masked:
        if Path(_BASE + path).is_dir():
            _memory(_BASE + path, 4096)
    _pivot_root()


def _open(folder: Folder) -> int | None:
    try:
        return os.open(folder.path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        if folder.needed:
            raise kernel.Refused(f"folder {folder.seen}: {error.strerror}") from error
        return None


def _memory(target: str, size_bytes: int) -> None:
    options = f"size={size_bytes},nr_inodes=4096,mode=755"
    kernel.mount("none", target, "tmpfs", _NOSUID | _NODEV | _NOEXEC, options)


def _show(source: str, target: str) -> None:
    Path(target).mkdir(parents=True, exist_ok=True)
    kernel.mount(source, target, "", _BIND | _REC)
    attributes = ctypes.create_string_buffer(_READ_ONLY, len(_READ_ONLY))
    kernel.syscall(
        "read-only mount",
        MOUNT_SETATTR,
        ctypes.c_long(_AT_FDCWD),
        ctypes.c_char_p(target.encode()),
        ctypes.c_long(_AT_RECURSIVE),
        ctypes.cast(attributes, ctypes.c_void_p),
        ctypes.c_long(len(_READ_ONLY)),
    )


def _pivot_root() -> None:
    old = Path(_BASE, ".old")
    old.mkdir()
    Path(_BASE + WORK).mkdir(exist_ok=True)
    kernel.syscall("new root", PIVOT_ROOT, ctypes.c_char_p(_BASE.encode()), ctypes.c_char_p(bytes(old)))
    os.chdir("/")
    kernel.unmount("/.old", _DETACH)
    Path("/.old").rmdir()
    os.chdir(WORK)
