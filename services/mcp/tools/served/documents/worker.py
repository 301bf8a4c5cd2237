"""The template process of the workshop: `python -m services.mcp.tools.served.documents.worker LIMITS`."""

import logging
import sys
import warnings
from base64 import b64decode
from collections.abc import Callable
from typing import get_args

from pydantic import ValidationError

from services.mcp.contract import AnswerStyle, Arguments, ToolError, ToolModel, ToolResult
from services.mcp.tools.served.documents.jobs import ReadJob, SourceFile, SymbolsJob, WriteJob, Written, WrittenFormat
from services.mcp.tools.served.documents.reading.reader import read
from services.mcp.tools.served.documents.symbols import find_symbols
from services.mcp.tools.served.documents.writing.writer import write
from services.mcp.workers.fork_server_main import run_fork_server
from services.mcp.workers.isolation import ProcessLimits

_SAMPLE = "# A\n\n- *b* **c** `d`\n\n| e | f |\n|---|---|\n| 1 | 2 |\n\n```\ng\n```\n\n> h\n"
_JOBS: dict[str, Callable[[Arguments, bytes], ToolModel]] = {
    "write": lambda args, _: write(WriteJob.model_validate(args)),
    "read": lambda args, document: read(ReadJob.model_validate({**args, "content": document})),
    "symbols": lambda args, _: find_symbols(SymbolsJob.model_validate(args, strict=False)),
}


def do(job: str, args: Arguments, _: AnswerStyle, document: bytes) -> ToolResult:
    """Do one job. Raises ToolError."""
    try:
        return ToolResult(tool=job, result=_JOBS[job](args, document).model_dump(mode="json"), answer="")
    except ValidationError as error:
        raise ToolError("invalid_argument", f"{job}: {error.errors(include_input=False)[0]['msg']}") from error
    except RecursionError as error:
        raise ToolError("limit_exceeded", "depth of the document: the limit is reached") from error


def warm_up() -> None:
    """Do every kind of job once: files that libraries load late may be out of reach in a worker."""
    for kind in get_args(WrittenFormat):
        written = write(WriteJob(content=_SAMPLE, title="A", format=kind))
        _read_back(written)
    find_symbols(SymbolsJob(files=(SourceFile(path="a.py", text="def a(): ..."),)))


def _read_back(written: Written) -> None:
    read(ReadJob(content=b64decode(written.content_base64), filename="", content_type="", max_chars=1000))


def main() -> None:
    logging.disable()  # pypdf logs at length about broken files
    warnings.simplefilter("ignore")
    warm_up()
    read(ReadJob(content=b"a,b", filename="a.csv", content_type="", max_chars=1))
    run_fork_server(do, ProcessLimits.model_validate_json(sys.argv[1]), sandboxed=True)


if __name__ == "__main__":
    main()
