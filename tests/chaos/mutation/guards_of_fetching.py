"""The guard lines of the fetcher, with the tests that must fail without each."""

from tests.chaos.mutation.mutation import Mutation

GUARDS: tuple[Mutation, ...] = (
    Mutation(
        "a fetch connects to public addresses alone",
        "libs/adapters/web/fetcher/reach.py",
        "if not self.is_own(url) and not all(self._is_asked(address) for address in addresses):",
        "if False:",
        tests=(
            "tests/unit/libs/adapters/web/fetcher/test_reach.py::test_a_name_with_such_an_address_is_not_connected_to",
            (
                "tests/unit/libs/adapters/web/fetcher/test_reach.py::"
                "test_a_name_that_turns_private_between_redirects_is_noticed"
            ),
        ),
    ),
    Mutation(
        "one private address among public ones refuses a fetch",
        "libs/adapters/web/fetcher/reach.py",
        "if not self.is_own(url) and not all(self._is_asked(address) for address in addresses):",
        "if not self.is_own(url) and not any(self._is_asked(address) for address in addresses):",
        tests=(
            "tests/unit/libs/adapters/web/fetcher/test_reach.py::test_one_bad_answer_among_good_ones_refuses_them_all",
        ),
    ),
    Mutation(
        "an IPv4 address inside an IPv6 address decides",
        "libs/adapters/web/fetcher/addresses.py",
        "return address.ipv4_mapped or address",
        "return address",
        tests=(
            (
                "tests/unit/libs/adapters/web/fetcher/test_addresses.py::"
                "test_a_mapped_address_is_the_ipv4_address_that_it_reaches"
            ),
        ),
    ),
    Mutation(
        "a fetch asks ports 80 and 443 alone",
        "libs/adapters/web/fetcher/reach.py",
        "if url.port not in _PUBLIC_PORTS:",
        "if False:",
        tests=(
            (
                "tests/unit/libs/adapters/web/fetcher/test_reach.py::"
                "test_a_host_that_the_operator_allows_is_asked_on_its_port_alone"
            ),
        ),
    ),
    Mutation(
        "a fetch does not leave https for http",
        "libs/adapters/web/fetcher/redirects.py",
        'if call.url.scheme == "https" and url.scheme == "http":',
        "if False:",
        tests=("tests/unit/libs/adapters/web/fetcher/test_fetcher.py::test_https_is_not_left_for_http",),
    ),
    Mutation(
        "secrets stay with the origin of a fetch",
        "libs/adapters/web/fetcher/redirects.py",
        "headers = tuple(pair for pair in call.headers if at_home or pair not in secret)",
        "headers = call.headers",
        tests=(
            (
                "tests/unit/libs/adapters/web/fetcher/test_fetcher.py::"
                "test_secrets_stay_with_the_origin_that_they_were_meant_for"
            ),
        ),
    ),
    Mutation(
        "a body is not sent to another host",
        "libs/adapters/web/fetcher/redirects.py",
        "if not at_home:",
        "if False:",
        tests=("tests/unit/libs/adapters/web/fetcher/test_fetcher.py::test_a_body_is_not_sent_to_another_host",),
    ),
    Mutation(
        "a header of a fetch says one header",
        "libs/adapters/web/fetcher/exchange.py",
        "if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value) or name.lower() in _OURS:",
        "if not _NAME.fullmatch(name) or name.lower() in _OURS:",
        tests=(
            (
                "tests/unit/libs/adapters/web/fetcher/test_fetcher.py::"
                "test_a_header_that_says_more_than_it_should_is_refused"
            ),
        ),
    ),
)
