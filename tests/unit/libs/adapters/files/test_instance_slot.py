import subprocess
import sys
from pathlib import Path

import pytest

from libs.adapters.files.instance_slot import InstanceSlot, claim_slot, ordinal_of
from libs.core.errors import ConfigurationError


def test_instances_of_one_machine_take_different_numbers(tmp_path: Path) -> None:
    slots = [claim_slot(tmp_path, 64) for _ in range(3)]
    assert [slot.number for slot in slots] == [0, 1, 2]
    for slot in slots:
        slot.release()


async def test_a_number_is_free_again_when_it_is_left(tmp_path: Path) -> None:
    async with claim_slot(tmp_path, 64) as first:
        assert first.number == 0
    with_again = claim_slot(tmp_path, 64)
    assert with_again.number == 0
    with_again.release()
    with_again.release()


def test_a_killed_process_gives_its_number_back(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from libs.adapters.files.instance_slot import claim_slot\n"
        f"slot = claim_slot(Path({str(tmp_path)!r}), 64)\n"
        "sys.stdout.write(f'{slot.number}\\n'); sys.stdout.flush(); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"0\n"
        beside = claim_slot(tmp_path, 64)
        assert beside.number == 1
        other.kill()
        other.wait()
    after = claim_slot(tmp_path, 64)
    assert after.number == 0
    beside.release()
    after.release()


def test_when_all_numbers_are_taken_the_start_stops_naming_the_setting(tmp_path: Path) -> None:
    slot = claim_slot(tmp_path, 1)
    with pytest.raises(ConfigurationError, match="MOE_DATA_DIR"):
        claim_slot(tmp_path, 1)
    slot.release()


def test_a_directory_that_cannot_be_made_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="MOE_DATA_DIR"):
        claim_slot(tmp_path / "file", 4)


@pytest.mark.parametrize(("name", "number"), [("gateway-0", 0), ("fleet-gateway-12", 12), ("gateway-3.svc.local", 3)])
def test_a_pod_knows_its_number_from_its_name(name: str, number: int) -> None:
    assert ordinal_of(name) == number


@pytest.mark.parametrize("name", ["gateway", "gateway-7d9f8-x2x", ""])
def test_a_name_without_a_number_stops_the_start(name: str) -> None:
    with pytest.raises(ConfigurationError, match="MOE_INSTANCE_ORDINAL"):
        ordinal_of(name)


def test_a_given_number_must_have_a_partition() -> None:
    assert InstanceSlot.fixed(63, 64).number == 63
    with pytest.raises(ConfigurationError, match="MOE_INSTANCE_ORDINAL"):
        InstanceSlot.fixed(64, 64)
