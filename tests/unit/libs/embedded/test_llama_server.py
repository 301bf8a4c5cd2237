"""How much of a machine the embedded model takes."""

import pytest

from libs.embedded.llama_server import threads_for


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (4, 2), (16, 8)])
def test_the_model_leaves_half_of_the_cores_to_the_fleet(cores: int, threads: int) -> None:
    assert threads_for(cores) == threads
