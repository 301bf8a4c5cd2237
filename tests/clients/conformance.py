"""The table of docs/api.md: which answers and events were validated by the official SDKs' types, and on which path."""

import json
from collections.abc import Iterable
from pathlib import Path

from tests.clients.running import ROOT

CLIENTS = {"schemas-python": "Python", "schemas-js": "TypeScript"}
PATHS = ("pipeline", "direct")
PAGE = ROOT / "docs" / "api.md"
_BEGIN, _END = "<!-- conformance: begin -->\n", "<!-- conformance: end -->"
_EXCHANGES = Path(__file__).with_name("exchanges.json")
Row = tuple[str, str, str, str]  # route, answer or event, kind of its type, path


def read_rows(folder: Path) -> dict[str, set[Row]]:
    """Validated rows by client; empty for a client that did not run."""
    files = {client: folder / f"{client}.rows.json" for client in CLIENTS}
    return {
        client: {(row[0], row[1], row[2], row[3]) for row in json.loads(file.read_text())}
        for client, file in files.items()
        if file.exists()
    }


def table_of(seen: dict[str, set[Row]]) -> str:
    """Table, one line for each answer and event."""
    kinds = json.loads(_EXCHANGES.read_text())["kinds"]
    lines = [
        "| route | answer or event | Python type | TypeScript type | pipeline | direct |",
        "|---|---|---|---|---|---|",
    ]
    for route, row, kind in sorted({each[:3] for rows in seen.values() for each in rows}, key=_order):
        types = kinds[kind]["python"].rpartition(":")[2], kinds[kind]["typescript"].replace("|", "\\|")
        cells = (_cell({client for client, rows in seen.items() if (route, row, kind, path) in rows}) for path in PATHS)
        lines.append(f"| `{route}` | {row} | `{types[0]}` | `{types[1]}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def recorded() -> str:
    return PAGE.read_text().partition(_BEGIN)[2].partition(_END)[0]


def record(table: str) -> None:
    """Write the table into the documentation."""
    head, begin, rest = PAGE.read_text().partition(_BEGIN)
    _, end, tail = rest.partition(_END)
    PAGE.write_text(head + begin + table + end + tail)


def difference(table: str) -> str:
    """Differences between observed and recorded rows; empty without any."""
    one, other = set(table.splitlines()), set(recorded().splitlines())
    return "\n".join([*_listed("not in docs/api.md", one - other), *_listed("only in docs/api.md", other - one)])


def _listed(what: str, lines: Iterable[str]) -> list[str]:
    return [f"{what}: {line}" for line in sorted(lines)]


def _cell(clients: set[str]) -> str:
    return "yes" if clients == set(CLIENTS) else ", ".join(CLIENTS[each] for each in CLIENTS if each in clients) or "-"


def _order(row: tuple[str, str, str]) -> tuple[str, str, str]:
    """Routes by their path, so that those of one protocol stand together."""
    method, _, path = row[0].partition(" ")
    return path, method, row[1]
