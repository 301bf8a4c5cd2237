"""Examples of the tools, as they answer on a mirror with these laws."""

from pydantic import JsonValue

from services.mcp.contract import Example
from services.mcp.tools.served.legal.models import SEARCH_RULE, SOURCE

_LAW: dict[str, JsonValue] = {
    "abbreviation": "BGB",
    "title": "Bürgerliches Gesetzbuch",
    "url": "https://www.gesetze-im-internet.de/bgb/",
}
_READ = _LAW | {
    "as_of": "",
    "mirrored": "2026-11-02",
    "source": SOURCE,
}
_GOOD_FAITH = (
    "Der Schuldner ist verpflichtet, die Leistung so zu bewirken, wie Treu und Glauben mit Rücksicht auf die "
    "Verkehrssitte es erfordern."
)
_DUTIES = "Buch 2: Recht der Schuldverhältnisse"
_HEADING = "Leistung nach Treu und Glauben"

SEARCH = Example(
    args={"query": "bürgerliches gesetzbuch"},
    result={"laws": [dict(_LAW)], "total": 1, "laws_in_mirror": 2, "source": SOURCE},
    answer="Found: BGB (Bürgerliches Gesetzbuch).",
)
OVERVIEW = Example(
    args={"law": "BGB", "max_entries": 1},
    result=_READ
    | {
        "entries": [
            {"designation": "§ 1", "title": "Beginn der Rechtsfähigkeit", "section": "Buch 1: Allgemeiner Teil"}
        ],
        "total": 8,
    },
    answer="BGB has 8 entries: § 1 Beginn der Rechtsfähigkeit, ….",
)
PARAGRAPH = Example(
    args={"law": "BGB", "paragraph": "242"},
    result=_READ
    | {
        "designation": "§ 242",
        "heading": _HEADING,
        "section": _DUTIES,
        "text": _GOOD_FAITH,
        "total_chars": len(_GOOD_FAITH),
        "truncated": False,
    },
    answer=f"§ 242 BGB ({_HEADING}): {_GOOD_FAITH}",
)
FULLTEXT = Example(
    args={"law": "BGB", "query": "Treu und Glauben", "max_results": 1},
    result=_READ
    | {
        "hits": [
            {
                "designation": "§ 242",
                "heading": _HEADING,
                "context": _GOOD_FAITH,
                "occurrences": 6,
            }
        ],
        "total": 1,
        "rule": SEARCH_RULE,
    },
    answer=f"BGB, 1 found: § 242 {_HEADING}.",
)
