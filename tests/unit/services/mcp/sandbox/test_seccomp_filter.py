"""The seccomp filter as a program: its numbers are those of the kernel's headers, and a small BPF machine runs it."""

import errno
import re
import struct
from pathlib import Path

import pytest

from services.mcp.sandbox.seccomp_filter import instructions
from services.mcp.sandbox.syscalls import ALLOWED, IOCTL, PRLIMIT, Numbers

HEADERS = (Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm-generic/unistd.h"))
ARCHS = (0xC000003E, 0xC00000B7)
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM


def verdict(machine: int, number: int, *, arch: int | None = None, first: int = 0, second: int = 0) -> int:
    """Run the filter as the kernel does."""
    seen = struct.pack("=IIQQQQQQQ", number, arch or ARCHS[machine], 0, first, second, 0, 0, 0, 0)
    code = list(struct.iter_unpack("=HBBI", instructions(machine)))
    at = held = 0
    while True:
        operation, yes, no, operand = code[at]
        at += 1
        if operation == 0x06:
            return int(operand)
        if operation == 0x20:
            (held,) = struct.unpack_from("=I", seen, operand)
        elif operation == 0x15:
            at += yes if held == operand else no
        elif operation == 0x35:
            at += yes if held >= operand else no
        else:
            raise AssertionError(operation)


@pytest.mark.parametrize("machine", [0, 1])
def test_exactly_what_is_listed_is_allowed(machine: int) -> None:
    listed = {numbers[machine] for numbers in ALLOWED.values()} - {None}
    asked = set(range(1000)) - {IOCTL[machine], PRLIMIT[machine]}
    assert {number for number in asked if verdict(machine, number) == ALLOW} == listed
    assert {verdict(machine, number) for number in asked - listed} == {REFUSE}


@pytest.mark.parametrize("machine", [0, 1])
def test_other_architectures_and_the_second_set_of_numbers_end_the_process(machine: int) -> None:
    assert verdict(machine, 0, arch=0x40000003) == KILL
    assert verdict(machine, 0, arch=ARCHS[1 - machine]) == KILL
    assert verdict(machine, 0x40000000) == KILL
    assert verdict(machine, 0xFFFFFFFF) == KILL


@pytest.mark.parametrize("machine", [0, 1])
def test_two_calls_are_allowed_for_some_arguments_only(machine: int) -> None:
    ioctl, prlimit = IOCTL[machine], PRLIMIT[machine]
    assert ioctl is not None
    assert prlimit is not None
    assert verdict(machine, ioctl, second=0x5401) == ALLOW
    assert verdict(machine, ioctl, second=0x5412) == REFUSE  # TIOCSTI: injects input into another terminal
    assert verdict(machine, prlimit, first=0) == ALLOW
    assert verdict(machine, prlimit, first=1) == REFUSE


def _defined(header: Path) -> dict[str, int]:
    return {m[1]: int(m[2]) for m in re.finditer(r"#define __NR(?:3264)?_(\w+) (\d+)", header.read_text())}


@pytest.mark.skipif(not all(header.exists() for header in HEADERS), reason="needs the headers of the kernel")
def test_numbers_are_those_of_the_kernels_headers() -> None:
    first, second = (_defined(header) for header in HEADERS)
    second["newfstatat"] = second["fstatat"]
    table: dict[str, Numbers] = {**ALLOWED, "ioctl": IOCTL, "prlimit64": PRLIMIT}
    assert {name: (first.get(name), second.get(name)) for name in table} == table
