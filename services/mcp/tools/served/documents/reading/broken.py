"""What readers that are not ours raise for broken files: nearly anything, and little of it documented."""

import struct
import zlib
from zipfile import BadZipFile

BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BadZipFile,
    EOFError,
    ImportError,
    LookupError,
    OSError,
    RuntimeError,  # includes recursion errors and unsupported features
    SyntaxError,  # lxml's and ElementTree's parse errors are of it
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
