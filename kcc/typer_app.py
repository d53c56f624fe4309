"""The typer application: every command with its options and help."""

from __future__ import annotations

from typing import Annotated

import typer

from kcc import commands, dbtool
from kcc.options import parse_check

Defines = Annotated[list[str] | None, typer.Option("-A", help="Define a name: NAME or NAME=VALUE.")]
Target = Annotated[str, typer.Option("--target", help="Kamailio version.")]
ConfigFile = Annotated[str, typer.Argument(metavar="FILE", help="The configuration.")]


def app() -> typer.Typer:
    """The application."""
    made = typer.Typer(
        help="Compile, check and run Kamailio configurations.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for name, command in (
        ("compile", compile_),
        ("dump", dump),
        ("explain", explain),
        ("catalog", catalog),
        ("graph", graph),
        ("new-module", new_module),
    ):
        made.command(name)(command)
    made.command("check", context_settings={"ignore_unknown_options": True})(check)
    made.command("run", context_settings={"ignore_unknown_options": True})(run)
    made.add_typer(dbtool.app(), name="db")
    return made


def check(
    options: Annotated[
        list[str] | None, typer.Argument(metavar="[OPTIONS] FILE...", help="See kcc check --help.")
    ] = None,
) -> None:
    """Report every mistake in configurations. Needs no Kamailio."""
    raise typer.Exit(commands.run_check(parse_check(options or [])))


def compile_(
    file: ConfigFile,
    out: Annotated[str, typer.Option("-o", help="Folder for the module.")],
    defines: Defines = None,
    target: Target = "5.6",
    native: Annotated[bool, typer.Option("--native", help="Build it as C code too.")] = False,
) -> None:
    """Write a configuration as a typed Python module."""
    raise typer.Exit(commands.run_compile(file, out, defines or [], target, native))


def dump(
    file: ConfigFile,
    stage: Annotated[str, typer.Option(help="preprocess, ast, ir or python.")] = "python",
    defines: Defines = None,
    target: Target = "5.6",
) -> None:
    """Print a stage of the compiler."""
    raise typer.Exit(commands.run_dump(file, stage, defines or [], target))


def explain(
    code: Annotated[str | None, typer.Argument(help="K0206, or undefined-route.")] = None,
) -> None:
    """Say what a diagnostic means, with a wrong and a right example; without a code, list all."""
    raise typer.Exit(commands.run_explain(code))


def catalog(
    module: Annotated[str | None, typer.Argument(help="One module.")] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    target: Target = "5.6",
) -> None:
    """Say what modules offer, and what of it is built."""
    raise typer.Exit(commands.run_catalog(module, json, target))


def graph(
    file: ConfigFile,
    out: Annotated[str, typer.Option("-o", help="routes.svg or routes.dot.")],
    defines: Defines = None,
    target: Target = "5.6",
) -> None:
    """Draw which route calls which."""
    raise typer.Exit(commands.run_graph(file, out, defines or [], target))


def new_module(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As loadmodule will have it.")],
    out: Annotated[str, typer.Option("-o", help="Its folder; NAME here by default.")] = "",
) -> None:
    """Write the skeleton of a module of one's own, with its tests."""
    raise typer.Exit(commands.run_new_module(name, out))


def run(
    options: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-f] FILE [kamailio's options]", help="See kamailio -h."),
    ] = None,
) -> None:
    """Compile a configuration (or find it in the cache) and serve it."""
    raise typer.Exit(commands.run_serve(options or []))
