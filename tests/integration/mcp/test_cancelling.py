"""A request that is cancelled does not keep a tool worker busy: its process is killed while it computes."""

import time

from libs.contracts.plan import ToolCall
from libs.contracts.progress import PartCompleted, RequestCancelled
from libs.contracts.tool import RunTool
from libs.runtime.memory import MemoryBroker, MemoryBus
from libs.runtime.messaging.publisher import BusPublisher
from libs.runtime.process.fleet import Fleet, ProcessOptions
from libs.runtime.service import Service
from libs.testing.records import SIGNER, request
from libs.testing.waiting import eventually
from services.mcp.contract import AnswerStyle, Arguments, Caller, ToolResult
from services.mcp.handlers import Deps, run_tool
from services.mcp.workers.isolation import ProcessLimits
from services.mcp.workers.pool import PoolLimits, WorkerPool
from tests.support.mcp.process_state import computes, is_gone

HOSTILE = "tests.support.mcp.hostile_worker"
EVER_S = 600
PATIENT = PoolLimits(workers=1, call_s=EVER_S, start_s=60.0, process=ProcessLimits(cpu_s=EVER_S))


def run_of(tool: str) -> RunTool:
    return RunTool(part=tool, call=ToolCall(tool=tool, arguments={})).opening(request(deadline_at=time.time() + EVER_S))


class OfThePool:
    """`Tools` that are those of the hostile worker."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    async def invoke(self, tool: str, args: Arguments, *, style: AnswerStyle, caller: Caller) -> ToolResult:
        return await self._pool.invoke(tool, args, style=style)


async def test_a_cancel_kills_the_worker_of_a_running_tool() -> None:
    broker = MemoryBroker()
    bus, client, spin = MemoryBus(broker), BusPublisher(MemoryBus(broker), SIGNER), run_of("spin")
    async with WorkerPool(PATIENT, HOSTILE) as pool:
        service = Service("mcp", deps=Deps(OfThePool(pool)), handlers=(run_tool,))
        pid = int((await pool.invoke("pid", {})).answer)
        async with Fleet([service], bus, ProcessOptions(SIGNER)):
            await client.publish(spin)
            await eventually(lambda: pool.describe().busy == 1 and computes(pid))
            await client.publish(RequestCancelled(reason="client gone").after(spin))
            await eventually(lambda: is_gone(pid))
            await eventually(lambda: pool.describe().busy == 0)
            await client.publish(run_of("pid"))
            await eventually(lambda: len(_ended(broker)) == 1)
    assert (_ended(broker), pool.describe().killed) == (["pid"], 1)


def _ended(broker: MemoryBroker) -> list[str]:
    schema = PartCompleted.schema_name().encode()
    found = [record for record in broker.records() if dict(record.headers).get("schema") == schema]
    return [PartCompleted.model_validate_json(record.value).part for record in found]
