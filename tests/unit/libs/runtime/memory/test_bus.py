"""The bus in memory keeps the promises that Kafka keeps."""

import pytest

from libs.testing.bus_suite import BusSuite
from libs.testing.bus_suite.cluster import Cluster, MemoryCluster


class TestMemoryBus(BusSuite):
    @pytest.fixture
    def cluster(self) -> Cluster:
        return MemoryCluster()
