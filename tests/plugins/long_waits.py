"""The tests that wait for long on a quiet machine too, each with its limit and its reason."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LongWait:
    """A pattern of test names, how long they may wait, and why no sooner fact is there to wait for."""

    tests: str
    limit_s: float
    reason: str


LONG_WAITS: tuple[LongWait, ...] = (
    LongWait("tests/e2e/test_up*", 150.0, "start, stop, kill and restart whole fleets, several seconds each time"),
    LongWait("tests/e2e/test_readme.py::*", 40.0, "start fleets as the README does, one with every service apart"),
    LongWait("tests/e2e/test_direct_kill.py::*", 30.0, "start a fleet, kill its gateway and start another one"),
    LongWait("tests/e2e/test_kafka_*", 90.0, "start seven processes on a real Kafka, and kill and restart some"),
    LongWait(
        "tests/chaos/test_cut.py::*", 300.0, "minutes of load on a fleet in which processes and stores are killed"
    ),
    LongWait("tests/integration/limits/test_environments.py::*", 20.0, "start a whole fleet in another environment"),
    LongWait("tests/integration/limits/test_idle_streams.py::test_one_gateway*", 600.0, "keep-alives come every 15 s"),
    LongWait("tests/integration/dlq/test_dlq_command.py::*", 20.0, "start a broker, a database and a service"),
    LongWait("tests/brokers/*", 600.0, "kill and restart brokers and fleets, and end Kafka by a full disk"),
    LongWait("tests/integration/postgres/*", 60.0, "kill, freeze, restart and promote servers; sessions that hang end"),
    LongWait("tests/bench/*", 3600.0, "measure how long something takes"),
    LongWait("tests/integration/bus/test_kafka_*", 60.0, "sessions of a group run out (6 s), and brokers restart"),
    LongWait("tests/integration/bus/test_tansu_bus*", 20.0, "members of a group come and go, a rebalance each time"),
    LongWait("tests/integration/embedded/test_native_kafka*", 30.0, "kill and restart a broker"),
    LongWait(
        "tests/integration/journal/test_sealer.py::test_a_server_that_was_killed*", 20.0, "restart Postgres 3 times"
    ),
    LongWait(
        "tests/integration/metering/test_kill.py::*", 180.0, "1,000 requests, and a killed gateway's lease of 30 s"
    ),
    LongWait(
        "tests/integration/gateway/test_hostile_fields.py::test_every_hostile_field",
        40.0,
        "thousands of requests, each awaited to its end",
    ),
)
