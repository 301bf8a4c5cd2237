"""`moe mcp`: the exact tools for a client on this machine, over standard input and output."""

import click

from libs.core.api_keys import new_api_key
from libs.runtime.telemetry import configure_logging
from moe.cli.fleet.process import run_loop


@click.command()
@click.option(
    "--stdio", is_flag=True, required=True, expose_value=False, help="Serve MCP over standard input and output."
)
def mcp() -> None:
    """Serve the exact tools to a client that starts this command itself, such as a desktop program.

    Every user that may start it may use every tool, as the tenant `default`: there is no key to show. What admins have
    switched off is off here too: reads POSTGRES_CHECKPOINT_URL and MOE_DATABASE_PASSWORDS or, when they are not set,
    those of the fleet on MOE_DATA_DIR; where no fleet runs there, the file that a tool server without Postgres keeps
    there.
    """
    configure_logging("WARNING")
    from moe.cli.context.endpoints import tool_server_variables
    from services.mcp.stdio import serve_over_stdio  # the SDK takes half a second to import

    unused = new_api_key()  # no HTTP listener accepts it
    run_loop(serve_over_stdio({**tool_server_variables(), "MOE_BOOTSTRAP_API_KEY": unused}))
