"""`python -m libs.testing.model_server`: the scripted model server as a process, for benches and end-to-end tests."""

import asyncio
import signal

import click
import uvloop

from libs.testing.model_server.pipeline import PipelineOptions, pipeline_script
from libs.testing.model_server.server import ModelServer


@click.command()
@click.option("--port", default=0, help="0 takes a free one; the first line of output is the URL.")
@click.option("--delay-ms", default=0.0, help="Pause before the first byte of every reply.")
@click.option("--piece-delay-ms", default=0.0, help="Pause before every streamed word.")
@click.option("--tasks", default=3, help="Tasks in a plan.")
@click.option("--categories", default=",".join(PipelineOptions().categories), help="Categories of the tasks, in turn.")
@click.option("--slots", default=0, help="Replies made at a time; 0: any number.")
def main(  # noqa: PLR0913 - one for each option
    port: int, delay_ms: float, piece_delay_ms: float, tasks: int, categories: str, slots: int
) -> None:
    """Serve scripted chat completions until SIGINT or SIGTERM. GET and DELETE /calls read and clear the call log."""
    options = PipelineOptions(
        tasks=tasks,
        categories=tuple(name.strip() for name in categories.split(",") if name.strip()),
        delay_s=delay_ms / 1000,
        piece_delay_s=piece_delay_ms / 1000,
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(options, port, slots))


async def _serve(options: PipelineOptions, port: int, slots: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with ModelServer(pipeline_script(options), port=port, slots=slots) as server:
        click.echo(server.url)
        await stop.wait()


if __name__ == "__main__":
    main()
