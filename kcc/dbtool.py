"""``kcc db``: Kamailio's tables in a database, and accounts in them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from runtime.db.create import add_subscriber, create
from runtime.db.errors import DbError
from runtime.db.schema import STANDARD_GROUPS
from runtime.db.url import DbUrl

Url = Annotated[str, typer.Argument(metavar="URL", help="sqlite:///path of the file.")]


def app() -> typer.Typer:
    """The ``db`` commands."""
    made = typer.Typer(help="Make a database as Kamailio's tools make it.", no_args_is_help=True)
    made.command("create")(create_tables)
    made.command("add-user")(add_user)
    return made


def create_tables(
    url: Url,
    group: Annotated[
        list[str] | None, typer.Option(help="Only these groups of tables (kamdbctl's names).")
    ] = None,
) -> None:
    """Make the tables that are missing, and the file itself."""

    def work() -> None:
        made = create(DbUrl.parse(url), group or STANDARD_GROUPS)
        typer.echo(f"{len(made)} tables made in {url}")

    raise typer.Exit(_guarded(work))


def add_user(
    url: Url,
    account: Annotated[str, typer.Argument(help="user@domain")],
    password: Annotated[str, typer.Argument(help="- reads it from standard input.")],
) -> None:
    """Add an account to ``subscriber``, or change its password."""
    user, at, domain = account.partition("@")
    if not at or not user or not domain:
        typer.echo(f"kcc: an account reads user@domain, not {account!r}", err=True)
        raise typer.Exit(2)

    def work() -> None:
        secret = sys.stdin.readline().rstrip("\n") if password == "-" else password
        add_subscriber(DbUrl.parse(url), user, domain, secret)

    raise typer.Exit(_guarded(work))


def _guarded(work: Callable[[], None]) -> int:
    try:
        work()
    except DbError as error:
        typer.echo(f"kcc: {error}", err=True)
        return 1
    return 0
