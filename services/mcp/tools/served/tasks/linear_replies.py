"""What Linear answers, field by field as its schema names them."""

from typing import Generic, TypeVar

from pydantic import BaseModel, JsonValue

from services.mcp.tools.served.web.site import Reply

DataT = TypeVar("DataT", bound=BaseModel)


class Graph(Reply, Generic[DataT]):
    """An answer of GraphQL: data, errors, or both."""

    data: DataT | None = None
    errors: tuple[JsonValue, ...] = ()


class Node(Reply):
    id: str = ""
    name: str = ""
    displayName: str = ""
    email: str = ""


class Nodes(Reply):
    nodes: tuple[Node, ...] = ()


class Issue(Reply):
    identifier: str
    title: str
    url: str = ""
    priority: float = 0
    updatedAt: str = ""
    state: Node | None = None
    assignee: Node | None = None
    labels: Nodes = Nodes()


class Issues(Reply):
    nodes: tuple[Issue, ...]


class IssueDone(Reply):
    success: bool
    issue: Issue | None = None


class Done(Reply):
    success: bool


class Created(Reply):
    issueCreate: IssueDone


class Changed(Reply):
    issueUpdate: IssueDone


class Commented(Reply):
    commentCreate: Done


class One(Reply):
    issue: Issue | None = None


class Listing(Reply):
    issues: Issues


class Searched(Reply):
    searchIssues: Issues


class Names(Reply):
    issueLabels: Nodes
    users: Nodes
    workflowStates: Nodes
