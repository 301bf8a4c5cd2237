"""`python_sandbox`: Python code in a cell, where the kernel makes one."""

from services.mcp.served.cell.keeper import Cells
from services.mcp.served.sandbox.tool import python_sandbox
from services.mcp.tools.contract import AnyServedTool


def build(cells: Cells) -> tuple[AnyServedTool, ...]:
    """Return the tools of this family. Asks the kernel, once a process, whether it makes cells."""
    return (python_sandbox(cells),)
