"""The seccomp filter of a sandbox: an allow-list of system calls in the kernel's BPF.

The layout of `seccomp_data` and the actions are those of linux/seccomp.h, instructions those of linux/bpf_common.h.
"""

import ctypes
import errno
import struct
from collections.abc import Sequence

from services.mcp.sandbox import kernel
from services.mcp.sandbox.syscalls import ALLOWED, EXTRA, IOCTL, PRLIMIT

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCH, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24
_KILL, _REFUSE, _ALLOW = 0x8000_0000, 0x0005_0000 | errno.EPERM, 0x7FFF_0000
_ARCHS = (0xC000_003E, 0xC000_00B7)
_X32 = 0x4000_0000  # first number of x86-64's second set of calls
_TCGETS, _FIOCLEX, _FIONCLEX = 0x5401, 0x5451, 0x5450
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2
_INSTRUCTION = struct.Struct("=HBBI")


class _Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def install_seccomp_filter(more: Sequence[str] = ()) -> None:
    """Allow only the listed calls, and `more` of `EXTRA`, from now on and irrevocably. Raises kernel.Refused."""
    code = instructions(kernel.machine(), more)
    program = _Program(len(code) // _INSTRUCTION.size, code)
    kernel.prctl("no new privileges", _PR_SET_NO_NEW_PRIVS, 1)
    kernel.prctl("seccomp", _PR_SET_SECCOMP, _FILTER, ctypes.cast(ctypes.pointer(program), ctypes.c_void_p))


def instructions(machine: int, more: Sequence[str] = ()) -> bytes:
    """The filter in the kernel's binary form, for a machine (its column in the table)."""
    listed_calls = (*ALLOWED.values(), *(EXTRA[name] for name in more))
    plain = [number for numbers in listed_calls if (number := numbers[machine]) is not None]
    head = [_step(_LOAD, _ARCH), _step(_EQUAL, _ARCHS[machine], yes=1), _step(_RETURN, _KILL)]
    head += [_step(_LOAD, _NUMBER), _step(_AT_LEAST, _X32, no=1), _step(_RETURN, _KILL)]
    head += _with_argument(IOCTL[machine], _SECOND_ARGUMENT, (_TCGETS, _FIOCLEX, _FIONCLEX))
    head += _with_argument(PRLIMIT[machine], _FIRST_ARGUMENT, (0,))  # of its own process only
    listed = [_step(_EQUAL, number, yes=len(plain) - place) for place, number in enumerate(plain)]
    return b"".join((*head, *listed, _step(_RETURN, _REFUSE), _step(_RETURN, _ALLOW)))


def _with_argument(number: int | None, argument: int, values: Sequence[int]) -> list[bytes]:
    """Allow a call if the lower half of an argument has one of the values."""
    tests = [_step(_EQUAL, value, yes=len(values) - place) for place, value in enumerate(values)]
    block = [_step(_LOAD, argument), *tests, _step(_RETURN, _REFUSE), _step(_RETURN, _ALLOW)]
    return [_step(_EQUAL, number or 0, no=len(block)), *block]


def _step(code: int, operand: int, *, yes: int = 0, no: int = 0) -> bytes:
    return _INSTRUCTION.pack(code, yes, no, operand)
