"""Every field and header with which a client names a user is a data subject beside the owner of its key."""

import pytest

from services.gateway.domain.question.identity import MAX_USERS, client_users


@pytest.mark.parametrize(
    ("body", "users"),
    [
        ({"user": "ada"}, ("ada",)),
        ({"safety_identifier": "ada"}, ("ada",)),
        ({"metadata": {"user_id": "ada"}}, ("ada",)),
        ({"user": "ada", "safety_identifier": "bob", "metadata": {"user_id": "carl"}}, ("ada", "bob", "carl")),
        ({"user": "ada", "safety_identifier": "ada"}, ("ada",)),
        ({"metadata": {"user_id": "user_1_account_2_session_3"}}, ("user_1_account_2",)),
        ({"metadata": {"user_id": '{"account_uuid": "a", "session_id": "s"}'}}, ("a",)),
        ({"metadata": {"user_id": '{"email": "ada@example.org"}'}}, ('{"email": "ada@example.org"}',)),
        ({"metadata": {"user_id": '{"account_uuid": {"id": 7}}'}}, ('{"account_uuid": {"id": 7}}',)),
        ({"metadata": {"user_id": '{"account_uuid": '}}, ('{"account_uuid": ',)),
        ({"metadata": {"user_id": "_session_3"}}, ("_session_3",)),
        ({"user": "", "safety_identifier": None, "metadata": {"user_id": 7}}, ()),
        ({"user": {"no": "text"}, "metadata": "none"}, ()),
        ([], ()),
    ],
)
def test_the_users_of_a_body(body: object, users: tuple[str, ...]) -> None:
    assert client_users(body, {}) == users


def test_the_headers_of_a_front_end_name_users_too() -> None:
    headers = {"x-openwebui-user-id": "7", "x-openwebui-user-email": "ada@example.org", "user": "no field of ours"}
    assert client_users({"user": "ada"}, headers) == ("7", "ada@example.org", "ada")


def test_a_request_names_so_many_users_at_most() -> None:
    headers = {"x-openwebui-user-id": "1", "x-openwebui-user-email": "2"}
    body = {"user": "3", "safety_identifier": "4", "metadata": {"user_id": "5"}}
    assert len(client_users(body, headers)) == MAX_USERS


def test_a_header_names_the_same_user_as_a_body() -> None:
    as_received = "jürgen@例え.jp".encode().decode("latin-1")
    assert client_users({"user": "jürgen@例え.jp"}, {"x-openwebui-user-email": as_received}) == ("jürgen@例え.jp",)
    assert client_users({}, {"x-openwebui-user-id": "j\xfcrgen"}) == ("jürgen",)
