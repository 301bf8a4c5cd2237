"""A compromised document parser can read and reach nothing outside its sandbox."""

import os
import pwd
import sysconfig
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from libs.testing.waiting import eventually
from services.mcp.contract import ToolError
from services.mcp.sandbox.unprivileged import DOCUMENT_PARSER, SANDBOX, TOOL_WORKER
from services.mcp.tools.served.documents.jobs import ReadJob, SourceFile, SymbolsJob, WriteJob, WrittenFormat
from services.mcp.tools.served.documents.workshop import Workshop
from services.mcp.workers.pool import WorkerPool
from tests.support.mcp.timeouts import PATIENT, PATIENT_WORKSHOP

CODE = {Path(sysconfig.get_path(name)).resolve().parts[1] for name in ("stdlib", "purelib", "platlib")}
PARSER = "tests.support.mcp.hostile_parser"
CSV = ReadJob(content=b"a,b\n1,2\n", filename="a.csv", content_type="text/csv", max_chars=100)
UNSANDBOXED = "tests.support.mcp.unsandboxed_parser"


@pytest.fixture
async def parsers() -> AsyncIterator[WorkerPool]:
    async with WorkerPool(replace(PATIENT, workers=1), PARSER) as running:
        yield running


async def test_a_parser_reaches_no_file_process_or_socket_of_the_machine(parsers: WorkerPool) -> None:
    state = parsers.describe()
    assert (state.files_off, state.network_off) == (True, True), state.isolation_note
    assert (await parsers.invoke("attempt", {})).result["worked"] == {}


async def test_the_root_of_a_parser_holds_installed_code_and_its_empty_folder_alone(parsers: WorkerPool) -> None:
    root = str((await parsers.invoke("attempt", {})).result["root"]).split(",")
    assert "work" in root
    assert set(root) <= {"work"} | CODE


async def test_a_parser_of_root_is_a_user_of_its_own(parsers: WorkerPool) -> None:
    user = (await parsers.invoke("attempt", {})).result["user"]
    assert user == (DOCUMENT_PARSER if os.geteuid() == 0 else os.geteuid())


def test_workers_parsers_sandbox_and_postgres_have_different_users() -> None:
    users = [TOOL_WORKER, DOCUMENT_PARSER, SANDBOX, pwd.getpwnam("nobody").pw_uid, 0]
    assert len(set(users)) == len(users)


async def test_without_a_sandbox_documents_are_written_and_not_parsed() -> None:
    async with Workshop(PATIENT_WORKSHOP, program=UNSANDBOXED) as workshop:
        with pytest.raises(ToolError, match="MOE_TOOLS_UNSANDBOXED_PARSERS") as refused:
            await workshop.read(CSV)
        with pytest.raises(ToolError, match="refuses a sandbox"):
            await workshop.symbols(SymbolsJob(files=(SourceFile(path="a.py", text="x = 1"),)))
        assert (await workshop.write(WriteJob(content="# A", title="A", format="txt"))).parts
    assert refused.value.code == "unavailable"


async def test_an_operator_may_allow_parsers_without_a_sandbox() -> None:
    async with Workshop(PATIENT_WORKSHOP, program=UNSANDBOXED, allow_unsandboxed=True) as workshop:
        assert "1" in (await workshop.read(CSV)).text


@pytest.mark.parametrize("kind", get_args(WrittenFormat))
async def test_every_format_is_written_and_read_in_the_sandbox(kind: WrittenFormat) -> None:
    async with Workshop(PATIENT_WORKSHOP) as workshop:
        written = await workshop.write(
            WriteJob(content="# Title\n\n| a | b |\n|---|---|\n| 1 | canary |\n", title="T", format=kind)
        )
        read = ReadJob(content=b64decode(written.content_base64), filename=f"a.{kind}", content_type="", max_chars=1000)
        assert "canary" in (await workshop.read(read)).text


async def test_a_parser_cannot_empty_or_forge_the_log_of_the_service(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log, own = tmp_path / "log", os.dup(2)
    log.write_text("an event\n")
    with log.open("r+") as file:
        os.dup2(file.fileno(), 2)
    try:
        async with WorkerPool(replace(PATIENT, workers=1), "tests.support.mcp.meddling_worker") as running:
            inherited = (await running.invoke("meddle", {})).result["files"]
            await eventually(lambda: "a forged line" in caplog.text)
    finally:
        os.dup2(own, 2)
        os.close(own)
    assert (inherited, log.read_text()) == (0, "an event\n")
    assert "a worker reports: a forged line" in caplog.text
