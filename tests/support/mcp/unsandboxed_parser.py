"""The document worker on a kernel that grants no sandbox."""

import sys

from services.mcp.tools.served.documents.worker import do
from services.mcp.workers.fork_server_main import run_fork_server
from services.mcp.workers.isolation import ProcessLimits

if __name__ == "__main__":
    run_fork_server(do, ProcessLimits.model_validate_json(sys.argv[1]))
