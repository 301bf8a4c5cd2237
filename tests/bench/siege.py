"""Sends hostile requests from a separate process: `python -m tests.bench.siege PORT SEED COUNT AT_ONCE`.

Prints each request that did not end as it has to, one a line.
"""

import asyncio
import sys

from libs.testing.hostile_requests import attack_all, hostile_requests


async def main(port: int, seed: int, count: int, at_once: int) -> None:
    requests = hostile_requests(seed, count)
    for request, outcome in zip(requests, await attack_all(port, requests, at_once), strict=True):
        if outcome.status not in request.statuses:
            print(f"{request.name}: {outcome.status}, not one of {sorted(request.statuses)}")


if __name__ == "__main__":
    asyncio.run(main(*(int(argument) for argument in sys.argv[1:5])))
