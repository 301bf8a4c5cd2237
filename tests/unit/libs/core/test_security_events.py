"""The page about security events names each reason that there is, once."""

import re

from libs.core.security_events import COUNTED_ONLY, SecurityReason
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "security-events.md"
_ROW = re.compile(r"^\| `([a-z_]+)` \| .+ \| V16\.3\.[1-4] \|$", re.MULTILINE)


def test_the_page_lists_every_reason_once_in_the_order_of_the_enum() -> None:
    assert _ROW.findall(PAGE.read_text()) == [reason.value for reason in SecurityReason]


def test_the_page_says_which_events_are_not_audited() -> None:
    text = PAGE.read_text()
    assert all(f"`{reason}`" in text.split("## Events")[1].split("|---")[0] for reason in COUNTED_ONLY)
