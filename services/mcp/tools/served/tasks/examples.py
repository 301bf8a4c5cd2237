"""One call of each tool, with the board on GitHub."""

from pydantic import JsonValue

from services.mcp.contract import Example

_URL = "https://api.github.com/repos/octocat/Hello-World/issues"
_TASK: dict[str, JsonValue] = {
    "id": "7",
    "title": "Check the backups",
    "status": "open",
    "priority": "high",
    "assignee": "octocat",
    "labels": ["ops"],
    "url": "https://github.com/octocat/Hello-World/issues/7",
    "updated_at": "2026-05-01T10:00:00Z",
}


def _source(url: str) -> dict[str, JsonValue]:
    return {"name": "GitHub", "url": url, "retrieved_at": "2025-10-09T08:53:20Z"}


CREATED = Example(
    args={"title": "Check the backups", "labels": "ops", "priority": "high"},
    result={"task": _TASK, "source": _source(_URL)},
    answer="7 “Check the backups” (open, octocat) is kept by GitHub.",
)
LISTED = Example(
    args={"status": "open"},
    result={"tasks": [_TASK], "source": _source(f"{_URL}?state=open&sort=updated&per_page=100")},
    answer="GitHub: 7 “Check the backups” (open, octocat).",
)
UPDATED = Example(
    args={"task_id": "7", "status": "closed", "comment": "Done."},
    result={"task": {**_TASK, "status": "closed"}, "source": _source(f"{_URL}/7")},
    answer="7 “Check the backups” (closed, octocat) is kept by GitHub.",
)
FOUND = Example(
    args={"query": "backups"},
    result={
        "tasks": [_TASK],
        "source": _source(
            "https://api.github.com/search/issues?q=backups%20repo%3Aoctocat%2FHello-World%20is%3Aissue&per_page=10"
        ),
    },
    answer="GitHub: 7 “Check the backups” (open, octocat).",
)
