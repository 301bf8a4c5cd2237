"""Declares mcp."""

from typing import Protocol

from libs.contracts.audit import AuditRecorded
from libs.runtime.spec import Prompts, ServiceSpec
from services.mcp.handlers import Deps, run_tool
from services.mcp.settings import Settings
from services.mcp.tools.read_recording_tools import Tools


class ToolPorts(Protocol):
    @property
    def tools(self) -> Tools: ...


def make_deps(_settings: Settings, _prompts: Prompts, ports: ToolPorts) -> Deps:
    return Deps(ports.tools)


SPEC = ServiceSpec(name="mcp", settings=Settings, deps=make_deps, handlers=(run_tool,), publishes=(AuditRecorded,))
