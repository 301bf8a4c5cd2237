"""Drops privileges in a child before exec, and ties its life to the guard."""

import ctypes
import os
import signal
import sys

from libs.embedded.job import Identity

# Postgres refuses to run as root. A root fleet runs it as an unprivileged user. If parent folders are closed to that
# user (a project below /root), it keeps only CAP_DAC_OVERRIDE, as an ambient capability, so that the folders stay
# closed.

# linux/prctl.h, linux/securebits.h and linux/capability.h
_PR_SET_PDEATHSIG = 1
_PR_SET_SECUREBITS = 28
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Word(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


_ON_LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True)


def drop_privileges(identity: Identity | None) -> None:
    """Change to `identity` if set, then request SIGKILL for this process when its parent ends. Raises OSError."""
    if identity is not None:
        _change_user(identity)
    if _ON_LINUX:  # a change of user clears it
        _checked(_libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0))


def _change_user(identity: Identity) -> None:
    keeps_capability = identity.pass_closed_folders and _ON_LINUX
    if keeps_capability:
        # Without it a change of user drops all capabilities, and access(2), which Postgres calls, ignores them.
        _checked(_libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0))
    os.setgroups([])
    os.setgid(identity.gid)
    os.setuid(identity.uid)
    if keeps_capability:
        _retain_capabilities(_CAP_DAC_OVERRIDE)


def _retain_capabilities(capability: int) -> None:
    bit = 1 << capability
    words = (_Word * 2)(_Word(bit, bit, bit), _Word(0, 0, 0))
    _checked(_libc.capset(ctypes.byref(_Header(_CAPABILITY_VERSION_3, 0)), words))
    _checked(_libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0))


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
