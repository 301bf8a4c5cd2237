"""A number that no journal holds is refused with a verdict, not with a traceback."""

import hashlib
import json

from tests.support.tools.exports import Line
from tests.unit.tools.verify_export.test_attacks import TRUSTED, Verify, command, refused, written

__all__ = ["command"]


def test_a_number_that_no_journal_holds_is_refused_without_a_traceback(command: Verify) -> None:
    """Python cannot write the number after the largest one that it reads."""
    largest = 10**4300 - 1
    header = [1, "acme", largest, "", "topic", 0, 0, 0, 0, None, None, None, None]
    canonical = json.dumps(header, separators=(",", ":")).encode()
    linked = hashlib.sha256(bytes(32) + canonical + bytes(32)).hexdigest()
    heading: Line = {"kind": "export", "format": 2, "tenant": "acme", "first": largest, "previous": "00" * 32}
    row: Line = {"kind": "row", "header": header, "commitment": "00" * 32, "salt": None, "content": None}
    content = written([heading, {**row, "hash": linked}])
    assert "no integer" in refused(command(content, *TRUSTED, "--partial"))
