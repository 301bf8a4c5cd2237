"""Kernel calls through libc."""

import ctypes
import os
import platform

from services.mcp.sandbox.syscalls import Numbers

_MACHINES = ("x86_64", "aarch64")
_LIBC = ctypes.CDLL(None, use_errno=True)
_CAPABILITY_VERSION_3 = 0x2008_0522


class Refused(Exception):
    """The kernel refuses a part of the isolation. The message names the part and the reason."""


class _CapabilityHeader(ctypes.Structure):
    """`struct __user_cap_header_struct`."""

    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def machine() -> int:
    """Column of this machine in the table of system calls. Raises Refused."""
    name = platform.machine()
    if name not in _MACHINES:
        raise Refused(f"seccomp: no table of system calls for {name}")
    return _MACHINES.index(name)


def checked(what: str, result: int) -> int:
    """Pass the result through. Raises Refused for an error."""
    if result < 0:
        raise Refused(f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


def prctl(what: str, option: int, value: int = 0, pointer: ctypes.c_void_p | None = None) -> None:
    """Raises Refused."""
    arguments = (ctypes.c_ulong(value), pointer or ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))
    checked(what, _LIBC.prctl(option, *arguments))


def unshare(flags: int) -> None:
    """Raises Refused."""
    checked("namespaces", _LIBC.unshare(flags))


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Raises Refused."""
    arguments = (source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())
    checked(f"mount of {kind or 'a folder'}", _LIBC.mount(*arguments))


def unmount(target: str, flags: int) -> None:
    """Raises Refused."""
    checked("unmount", _LIBC.umount2(target.encode(), flags))


def drop_capabilities() -> None:
    """Drop all capabilities of this process, irrevocably. Raises Refused."""
    header, no_sets = _CapabilityHeader(_CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    checked("capabilities", _LIBC.capset(ctypes.byref(header), no_sets))


def syscall(what: str, numbers: Numbers, *arguments: ctypes.c_long | ctypes.c_char_p | ctypes.c_void_p) -> None:
    """Call a system call that libc has no function for. Raises Refused."""
    number = numbers[machine()]
    checked(what, _LIBC.syscall(ctypes.c_long(number if number is not None else -1), *arguments))
