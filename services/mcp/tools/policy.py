"""Authorization of tool calls: grants and switches, the same for every endpoint."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from libs.core.errors import Retryable
from libs.ports.identity import EVERYTHING, GrantKind, Grants
from libs.ports.switches import Switches
from services.mcp.contract import Caller, ToolDescription, ToolError

GRANT: GrantKind = "mcp_tool"
SWITCHED_OFF = "switched off by an admin"


@dataclass(frozen=True, slots=True)
class ListedTool:
    """A tool that a caller may use, in its present state. `enabled`: not switched off."""

    described: ToolDescription
    enabled: bool

    @property
    def available(self) -> bool:
        """Whether it can run here at all."""
        return self.described.unavailable is None

    @property
    def usable(self) -> bool:
        return self.enabled and self.available

    @property
    def reason(self) -> str | None:
        """Reason for a refusal; None if the tool would run."""
        return self.described.unavailable if self.enabled else SWITCHED_OFF


class AllOn:
    """Switches without an off position: for a replay or a test."""

    def off(self, name: str) -> bool:
        """See the port."""
        del name
        return False

    async def turn(self, name: str, actor: str, *, on: bool) -> None:
        """See the port."""
        del actor, on
        raise ToolError("unavailable", f"{name}: nothing keeps switches here")


class ToolPolicy:
    """Checks before every call and for every list."""

    def __init__(self, switches: Switches, tenants: Mapping[str, frozenset[str]]) -> None:
        """`tenants` limits tools to tenants; a tool without an entry is for all."""
        self._switches = switches
        self._tenants = tenants

    def may_use(self, caller: Caller, tool: str) -> bool:
        """Whether the caller's tenant and grants allow a tool; otherwise it is not listed either."""
        return caller.grants.allow(GRANT, tool) and self._is_for(caller.tenant, tool)

    def require(self, tool: ToolDescription, caller: Caller) -> None:
        """Raise ToolError `forbidden`, `disabled` or `unavailable`, in this order; `busy` if switches are unknown."""
        if not self._is_for(caller.tenant, tool.name):
            raise ToolError("forbidden", f"{tool.name}: it is for other tenants; the operator says for which")
        if not self.may_use(caller, tool.name):
            raise ToolError("forbidden", f"{tool.name}: this key has no grant of the kind {GRANT} for it")
        listed = self.listed(tool)
        if not listed.usable:
            raise ToolError("unavailable" if listed.enabled else "disabled", f"{tool.name}: {listed.reason}")

    def listed(self, tool: ToolDescription) -> ListedTool:
        """A tool in its present state. Raises ToolError `busy` while the state of the switches is unknown."""
        try:
            return ListedTool(tool, enabled=not self._switches.off(tool.name))
        except Retryable as error:
            raise ToolError("busy", str(error)) from error

    def _is_for(self, tenant: str, tool: str) -> bool:
        tenants = self._tenants.get(tool)
        return tenants is None or tenant in tenants


def granted(tools: Iterable[str] | None) -> Grants:
    """Grant of the caller of these tools; None if all tools are granted."""
    return Grants(frozenset((GRANT, tool) for tool in ((EVERYTHING,) if tools is None else tools)))
