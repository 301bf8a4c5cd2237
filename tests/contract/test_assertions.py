"""Every test can fail: it asserts something, or calls what does."""

import pytest

from tests.contract import rules
from tests.contract.assertions import without_assertion

PRINTED = ("tests/bench/", "tests/peers/")  # figures beside those of a baseline, judged as ratios by what runs them
HELPER = "def check(x):\n    assert x\n"
IMPORTED = "from tests.helper import check\n"


def test_every_test_asserts_something() -> None:
    found = without_assertion(rules.sources("tests", "libs/testing"))
    assert [test for test in found if not test.startswith(PRINTED)] == []


@pytest.mark.parametrize(
    "body",
    [
        "work()",
        "assert True",
        "with scene():\n        work()",
        "try:\n        work()\n    except ValueError:\n        raise",
    ],
    ids=["no check", "a constant", "a check in the scene", "nothing but the error"],
)
def test_a_test_without_an_assertion_is_found(body: str) -> None:
    scene = "def scene():\n    assert work()\n"
    files = {"tests/helper.py": HELPER, "tests/test_a.py": f"{IMPORTED}{scene}def test_it():\n    {body}\n"}
    assert without_assertion(files) == ["tests/test_a.py::test_it"]


@pytest.mark.parametrize(
    "body",
    [
        "assert work()",
        "with pytest.raises(ValueError):\n        work()",
        "check(work())",
        "House().check(work())",
        "through(work())",
        "await eventually(work)",
    ],
    ids=["assert", "raises", "a helper", "a method", "a helper of a helper", "a named helper"],
)
def test_an_assertion_counts_wherever_it_is_called(body: str) -> None:
    own = "def through(x):\n    check(x)\n"
    files = {"tests/helper.py": HELPER, "tests/test_a.py": f"{IMPORTED}{own}async def test_it():\n    {body}\n"}
    assert without_assertion(files) == []
