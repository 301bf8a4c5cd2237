"""Modules that a start of the service must not load: it describes the pure tools from generated data."""

import subprocess
import sys

import pytest


def loaded_by(module: str) -> frozenset[str]:
    """Modules in a fresh process after it has imported one module."""
    told = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True, text=True)
    return frozenset(done.stdout.split())


@pytest.mark.parametrize("module", ["services.mcp.app", "services.mcp.stdio", "moe.replay.what_if"])
def test_pure_tools_are_loaded_by_their_workers_alone(module: str) -> None:
    loaded = loaded_by(module)
    assert module in loaded
    assert not {"services.mcp.tools.pure.registry", "services.mcp.tools.pure.quick", "sympy", "holidays"} & loaded


@pytest.mark.parametrize("module", ["services.mcp.app", "services.gateway.app"])
def test_what_reads_tokens_of_an_issuer_is_loaded_where_there_is_one(module: str) -> None:
    assert not {"libs.adapters.identity.oidc_admins", "jwt", "httpx"} & loaded_by(module)
