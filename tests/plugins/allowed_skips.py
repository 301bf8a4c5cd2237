"""The skips that a green run may have, each with its reason. A package of `make install` is never a reason."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AllowedSkip:
    """Patterns of test names and of skip messages, and the reason for the exception."""

    tests: str
    says: str
    reason: str


ALLOWED_SKIPS = (
    AllowedSkip(
        "tests/integration/embedded/test_as_root.py::*", "for root*", "what root alone may do; CI runs as root"
    ),
    AllowedSkip(
        "tests/unit/libs/core/test_private_folder.py::*", "only root *", "what root alone may do; CI runs as root"
    ),
    AllowedSkip(
        "tests/integration/embedded/test_owner.py::*",
        "the interpreter is in a folder that only root may enter",
        "another user cannot start a Python below root's home",
    ),
    AllowedSkip(
        "tests/integration/embedded/test_guard.py::*",
        "only Linux tells a child that its parent died",
        "no other system has such a signal",
    ),
    AllowedSkip(
        "tests/integration/mcp/test_sandbox.py::*",
        "numbers of x86-64",
        "the numbers of system calls in these two cases are those of one architecture",
    ),
    AllowedSkip(
        "tests/unit/services/mcp/sandbox/test_seccomp_filter.py::test_numbers_are_those_of_the_kernels_headers",
        "needs the headers of the kernel",
        "a package of the system, which no test may install",
    ),
    AllowedSkip(
        "tests/chaos/mutation/sampling/test_measure.py::*",
        "`make mutate-map` has not installed coverage.py",
        "its wheel runs code at every start of Python, so it is kept out of the project's own environment",
    ),
)
