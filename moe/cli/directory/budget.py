"""`moe budget`: budgets of users and teams, prices of models."""

import asyncio
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from libs.ports.quota import Period
from moe.cli.directory.budget_options import budget_admin, holder, names, of_holder
from moe.cli.directory.options import as_json_option, remembered, with_tenant

if TYPE_CHECKING:
    from libs.adapters.quota.budgets.admin import BudgetLine

_PERIODS: tuple[Period, ...] = ("daily", "monthly", "total")
_UNITS = {"k": 1000, "m": 1_000_000}
_LIFTED = -1
_FACTOR = click.FloatRange(min=0, max=100_000)


def tokens(text: str) -> int:
    """Parse a number of tokens such as 500000, 500k or 20M; _LIFTED for `none`. Raises click.BadParameter."""
    word = text.strip().lower()
    if word == "none":
        return _LIFTED
    factor = _UNITS.get(word[-1:], 1)
    digits = word[:-1] if factor > 1 else word
    if not digits.isdecimal() or len(digits) > 12:
        raise click.BadParameter(f"{text!r} is not a number of tokens such as 500000, 500k or 20M")
    return int(digits) * factor


def a_number(_context: click.Context, _option: click.Parameter, factor: float) -> float:
    """Reject NaN with click.BadParameter: a click range accepts it."""
    if math.isnan(factor):
        raise click.BadParameter("nan is not a valid price factor")
    return factor


@click.group()
def budget() -> None:
    """Set and show budgets, in tokens times the cost factor of the model. Changing one is audited.

    Days and months are those of UTC. Gateways obey within 5 s. Reads POSTGRES_CHECKPOINT_URL and MOE_DATABASE_KEY or,
    when they are not set, those of the fleet on MOE_DATA_DIR.
    """


@budget.command("set")
@of_holder
@click.option("--daily", type=tokens, help="A day; `none` lifts it.")
@click.option("--monthly", type=tokens, help="A month; `none` lifts it.")
@click.option("--total", type=tokens, help="For good; `none` lifts it.")
@with_tenant
@as_json_option
def set_budget(daily: int | None, monthly: int | None, total: int | None, *, as_json: bool) -> None:
    """Set budgets of a user or a team, in tokens (500k, 20M); those that are not named stay as they are."""
    from libs.operations.budgets import set_budgets

    given = zip(_PERIODS, (daily, monthly, total), strict=True)
    amounts = {period: None if amount == _LIFTED else amount for period, amount in given if amount is not None}
    if not amounts:
        raise click.UsageError("give --daily, --monthly or --total")
    whose = holder()
    _show(asyncio.run(set_budgets(budget_admin(), whose, amounts, str(remembered("operator")))), as_json=as_json)


@budget.command()
@of_holder
@with_tenant
@as_json_option
def show(*, as_json: bool) -> None:
    """Print the budgets of a user or a team."""
    from libs.operations.budgets import budgets_of

    whose = holder()
    _show(asyncio.run(budgets_of(budget_admin(), whose)), as_json=as_json)


@budget.command("list")
@with_tenant
@as_json_option
def list_budgets(*, as_json: bool) -> None:
    """Print all budgets of a tenant, with what was spent and what is set aside."""
    _show(asyncio.run(budget_admin().lines()), as_json=as_json)


@budget.command()
@click.argument("model")
@click.argument("factor", type=_FACTOR, callback=a_number)
@with_tenant
def price(model: str, factor: float) -> None:
    """Let each token of MODEL cost FACTOR tokens of a budget; 1 for models without a price.

    MODEL is a mode, the id of a template, model@node, or an id of Claude as it is accepted. One that ends in * is for
    all that begin so and have no price of their own; the longest counts.
    """
    name = asyncio.run(budget_admin().price(model, factor, str(remembered("operator"))))
    click.echo(f"a token of {name} costs {factor:g}")


@budget.command()
@with_tenant
@as_json_option
def prices(*, as_json: bool) -> None:
    """Print what models cost."""
    for model, factor in asyncio.run(budget_admin().prices()).items():
        click.echo(json.dumps({"model": model, "factor": factor}) if as_json else f"{model}  {factor:g}")


def _show(lines: "Sequence[BudgetLine]", *, as_json: bool) -> None:
    called = {} if as_json else names()
    for line in lines:
        spent = f"{line.spent} of {line.amount} spent, {line.reserved} set aside"
        told = f"{line.kind} {called.get(line.holder, line.holder)}  {line.period}  {spent}"
        click.echo(json.dumps(asdict(line)) if as_json else told)
