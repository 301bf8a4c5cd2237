"""`python_sandbox`: Python code in a cell, where the kernel makes one."""

from services.mcp.contract import AnyServedTool
from services.mcp.sandbox.runner import SandboxRunner
from services.mcp.tools.served.sandbox.tool import python_sandbox


def build(cells: SandboxRunner) -> tuple[AnyServedTool, ...]:
    """Check once a process whether the kernel supports sandboxes."""
    return (python_sandbox(cells),)
