"""Files of which code runs for one streamed question, counted by a profile hook."""

import sys
from pathlib import Path
from types import FrameType

from tests.contract.rules import ROOT
from tests.integration.gateway.test_streaming import streamed, telling_as_it_goes
from tests.support.gateway import open_gateway


async def streamed_files() -> list[str]:
    """Files of libs and services that the second question runs; the first one fills caches."""
    seen: set[str] = set()

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_code.co_name != "<module>":
            seen.add(frame.f_code.co_filename)

    async with open_gateway(telling_as_it_goes) as gateway:
        await streamed(gateway)
        before = sys.getprofile()
        sys.setprofile(note)
        try:
            await streamed(gateway)
        finally:
            sys.setprofile(before)
    files = (Path(name) for name in seen if name.startswith(str(ROOT)))
    names = (str(path.relative_to(ROOT)) for path in files)
    return sorted(
        name for name in names if name.startswith(("libs/", "services/", "moe/")) and "libs/testing/" not in name
    )
