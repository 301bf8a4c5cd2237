"""Tenants that share resources of the operator: a folder of code, a task board."""

from dataclasses import replace
from typing import Annotated, Any

from pydantic import StringConstraints

from services.mcp.contract import AnyServedTool, ServedTool

EVERY_TENANT = "*"
TenantNames = Annotated[str, StringConstraints(pattern=r"^\s*(\*|[^\s,*]+(\s*,\s*[^\s,*]+)*)\s*$")]


def shared_by(tenants: TenantNames, *tools: ServedTool[Any, Any]) -> tuple[AnyServedTool, ...]:
    """Tools for the users of some tenants, `acme,works`, or of all of them, `*`."""
    if tenants.strip() == EVERY_TENANT:
        return tools
    names = frozenset(name.strip() for name in tenants.split(","))
    return tuple(replace(tool, tenants=names) for tool in tools)
