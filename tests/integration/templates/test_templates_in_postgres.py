"""Templates and profiles in Postgres: written by an office, followed by gateways."""

import asyncpg
import pytest

from libs.adapters.identity.directory_writer import NotInDirectory, UnknownTenant
from libs.adapters.postgres.sessions import PostgresUnavailable
from libs.adapters.templates.snapshot import TemplateSnapshot
from libs.adapters.templates.staffing import loaded_profile
from libs.contracts.profile import Profile
from libs.contracts.template import ExpertTemplate
from libs.contracts.template_parsing import UnfitDocument
from libs.core.database_roles import AUTHENTICATOR_ROLE, DIRECTORY_ADMIN_ROLE
from libs.ports.templates import LoadedProfile, LoadedTemplate
from libs.testing.waiting import eventually
from tests.support.template_stores import (
    NATIVE,
    NODES,
    RACKS,
    loaded_templates,
    profiles_of,
    templates_of,
    tenant,
)


def renamed(template: ExpertTemplate, template_id: str, name: str) -> ExpertTemplate:
    return template.model_copy(update={"id": template_id, "name": name})


async def test_what_is_put_there_is_shown_again(owner_url: str) -> None:
    (put,) = await templates_of(owner_url).put([RACKS])
    (kept,) = await templates_of(owner_url).all()
    assert (put.id, put.change) == ("racks", "created")
    assert (kept.document, kept.version, kept.updated_by) == (RACKS, put.version, "ada")


async def test_a_change_has_a_new_version_and_no_change_has_none(owner_url: str) -> None:
    documents = templates_of(owner_url)
    (first,) = await documents.put([RACKS])
    (same,) = await documents.put([RACKS])
    (second,) = await documents.put([RACKS.model_copy(update={"description": "of building 2"})])
    assert (same.change, same.version) == ("unchanged", first.version)
    assert second.change == "changed"
    assert second.version > first.version


async def test_a_template_that_comes_back_has_a_version_of_its_own(owner_url: str) -> None:
    documents = templates_of(owner_url)
    (first,) = await documents.put([RACKS])
    await documents.delete(["racks"])
    (second,) = await documents.put([RACKS])
    assert second.version > first.version


async def test_an_import_is_whole_or_nothing(owner_url: str) -> None:
    documents = templates_of(owner_url)
    with pytest.raises(UnfitDocument, match="two templates of one name"):
        await documents.put([RACKS, renamed(RACKS, "other", RACKS.name)])
    assert await documents.all() == ()


async def test_names_can_be_swapped_in_one_import(owner_url: str) -> None:
    documents = templates_of(owner_url)
    await documents.put([renamed(RACKS, "a", "One"), renamed(RACKS, "b", "Two")])
    await documents.put([renamed(RACKS, "a", "Two"), renamed(RACKS, "b", "One")])
    assert [kept.document.name for kept in await documents.all()] == ["Two", "One"]


async def test_documents_are_picked_by_their_ids(owner_url: str) -> None:
    documents = templates_of(owner_url)
    await documents.put([renamed(RACKS, each, each) for each in "abc"])
    assert [kept.document.id for kept in await documents.all(["c", "a"])] == ["c", "a"]
    with pytest.raises(NotInDirectory, match="no template 'z'"):
        await documents.all(["a", "z"])


async def test_deleting_is_whole_or_nothing(owner_url: str) -> None:
    documents = templates_of(owner_url)
    await documents.put([RACKS])
    with pytest.raises(NotInDirectory, match="no template 'z'"):
        await documents.delete(["racks", "z"])
    assert len(await documents.all()) == 1
    await documents.delete(["racks"])
    assert await documents.all() == ()


async def test_a_tenant_sees_its_own_alone(owner_url: str) -> None:
    await tenant(owner_url, "acme")
    await templates_of(owner_url).put([RACKS])
    assert await templates_of(owner_url, "acme").all() == ()
    with pytest.raises(NotInDirectory):
        await templates_of(owner_url, "acme").delete(["racks"])
    async with loaded_templates(owner_url) as templates:
        assert templates.template("default", "racks") is not None
        assert templates.template("acme", "racks") is None
        assert templates.templates("acme") == ()


async def test_a_tenant_that_is_not_there_can_have_none(owner_url: str) -> None:
    with pytest.raises(UnknownTenant, match="no tenant 'unknown'"):
        await templates_of(owner_url, "unknown").put([RACKS])


async def test_a_gateway_follows_every_change(owner_url: str) -> None:
    documents = templates_of(owner_url)
    async with loaded_templates(owner_url) as templates:
        assert templates.template("default", "racks") is None
        (put,) = await documents.put([RACKS])
        await eventually(lambda: templates.template("default", "racks") is not None)
        found = templates.template("default", RACKS.name)
        assert found is not None
        assert (found.template, found.staffing.version) == (RACKS, put.version)
        await documents.put([RACKS.model_copy(update={"judge_prompt": "Be strict."})])
        await eventually(lambda: _judge_prompt(templates.template("default", "racks")) == "Be strict.")
        await documents.delete(["racks"])
        await eventually(lambda: templates.template("default", "racks") is None)


async def test_a_gateway_follows_profiles_and_their_default(owner_url: str) -> None:
    documents = profiles_of(owner_url)
    async with loaded_templates(owner_url) as templates:
        await documents.put([NATIVE])
        await eventually(lambda: templates.profile("default", "native") is not None)
        assert templates.default_profile("default") is None
        await documents.put([NATIVE.model_copy(update={"default": True})])
        await eventually(lambda: templates.default_profile("default") is not None)


async def test_there_is_one_default_and_another_can_take_its_place(owner_url: str) -> None:
    documents = profiles_of(owner_url)
    one, two = (NATIVE.model_copy(update={"id": each, "default": True}) for each in "ab")
    await documents.put([one])
    with pytest.raises(UnfitDocument, match="two default profiles"):
        await documents.put([two])
    await documents.put([two, one.model_copy(update={"default": False})])
    assert [kept.document.default for kept in await documents.all()] == [False, True]


async def test_profiles_of_a_tenant_take_precedence_over_the_defaults(owner_url: str) -> None:
    defaults = TemplateSnapshot(defaults=(loaded_profile(Profile(id="native", name="House", default=True), NODES),))
    async with loaded_templates(owner_url, defaults) as templates:
        found = templates.profile("default", "native")
        assert found is not None
        assert found.profile.name == "House"
        await profiles_of(owner_url).put([NATIVE])
        await eventually(lambda: _name(templates.profile("default", "native")) == "Native")
        assert _name(templates.profile("acme", "native")) == "House"


async def test_what_this_version_cannot_read_is_left_out(owner_url: str, caplog: pytest.LogCaptureFixture) -> None:
    await templates_of(owner_url).put([RACKS, renamed(RACKS, "later", "Later")])
    owner = await asyncpg.connect(owner_url)
    await owner.execute("UPDATE moe.templates SET document = document || '{\"a_new_field\": 1}' WHERE name = 'Later'")
    await owner.close()
    async with loaded_templates(owner_url) as templates:
        assert [each.template.id for each in templates.templates("default")] == ["racks"]
    assert "a_new_field: no such field" in caplog.text


async def test_a_server_that_is_not_configured_is_a_fault_not_a_gap(owner_url: str) -> None:
    await templates_of(owner_url).put([RACKS.model_copy(update={"judge_model": "big:70b@gone"})])
    async with loaded_templates(owner_url) as templates:
        found = templates.template("default", "racks")
    assert found is not None
    assert found.fault == "judge_model: no server in INFERENCE_SERVERS is named 'gone'"


async def test_without_a_server_nothing_is_known_and_it_says_so() -> None:
    unreachable = "postgresql://nobody@127.0.0.1:9/moe"
    with pytest.raises(PostgresUnavailable):
        await templates_of(unreachable).all()


@pytest.mark.parametrize("table", ["templates", "profiles"])
async def test_a_gateways_role_may_read_and_nothing_else(owner_url: str, table: str) -> None:
    owner = await asyncpg.connect(owner_url)
    try:
        powers = [
            power
            for power in ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
            if await owner.fetchval("SELECT has_table_privilege($1, $2, $3)", AUTHENTICATOR_ROLE, f"moe.{table}", power)
        ]
        may_truncate = await owner.fetchval(
            "SELECT has_table_privilege($1, $2, 'TRUNCATE')", DIRECTORY_ADMIN_ROLE, f"moe.{table}"
        )
    finally:
        await owner.close()
    assert (powers, may_truncate) == ([], False)


async def test_changes_are_told_to_the_audit(owner_url: str) -> None:
    documents = templates_of(owner_url)
    await documents.put([RACKS])
    await documents.put([RACKS])
    await documents.delete(["racks"])
    owner = await asyncpg.connect(owner_url)
    acts = await owner.fetch(
        "SELECT action, actor, target FROM moe.audit_outbox WHERE action LIKE 'template-%' ORDER BY 1"
    )
    await owner.close()
    assert [tuple(act) for act in acts] == [("template-created", "ada", "racks"), ("template-deleted", "ada", "racks")]


def _judge_prompt(found: LoadedTemplate | None) -> str:
    return found.staffing.judge.prompt if found is not None else ""


def _name(found: LoadedProfile | None) -> str:
    return found.profile.name if found is not None else ""
