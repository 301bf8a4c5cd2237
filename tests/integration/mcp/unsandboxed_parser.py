"""The document worker as it is where the kernel refuses a sandbox."""

import sys

from services.mcp.forks import run_template
from services.mcp.isolation import ProcessLimits
from services.mcp.served.documents.worker import do

if __name__ == "__main__":
    run_template(do, ProcessLimits.model_validate_json(sys.argv[1]))
