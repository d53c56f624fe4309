"""Loads a compiled configuration and the modules that it names."""

from __future__ import annotations

import codecs
import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import TYPE_CHECKING

from runtime.declare.config import Config, ModParam, Place
from runtime.declare.exports import Exports, Status
from runtime.declare.found import ModuleFault, package_of, read_exports
from runtime.server.errors import StartError
from runtime.server.log import LM_BUG
from runtime.server.module import Module

if TYPE_CHECKING:
    from runtime.server.server import Server


def load_compiled(path: str) -> ModuleType:
    """Import a compiled module from its file, or from a directory that holds one.

    Raises StartError: no such file, somebody else may write it, or it is no compiled module.
    """
    if os.path.isdir(path):
        found = [name for name in sorted(os.listdir(path)) if name.endswith(".py")]
        names = [name for name in found if name != "__init__.py"]
        if len(names) != 1:
            raise StartError(f"{path}: holds {len(names)} compiled modules, one is wanted")
        path = os.path.join(path, names[0])
    try:
        status = os.stat(path)
    except OSError as error:
        raise StartError(f"{path}: {error.strerror}") from None
    if status.st_mode & 0o002 or status.st_uid not in (os.geteuid(), 0):
        raise StartError(f"{path}: another user could have written it, so it is not loaded")
    spec = importlib.util.spec_from_file_location("kcc_compiled", path)
    if spec is None or spec.loader is None:
        raise StartError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules["kcc_compiled"] = module
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError as error:
        raise StartError(f"{path}: {error}") from error
    except Exception as error:
        raise StartError(f"{path}: cannot be loaded: {error!r}") from error
    if not isinstance(getattr(module, "CONFIG", None), Config) or not hasattr(module, "Routes"):
        raise StartError(f"{path}: not a compiled configuration (no CONFIG, no Routes)")
    return module


def module_exports(name: str) -> Exports:
    """The exports of a module. Raises StartError where there is none of this name."""
    try:
        exports = read_exports(name)
    except ModuleFault as fault:
        raise StartError(str(fault)) from None
    if exports is None:
        raise StartError(f"module {name!r} does not exist here")
    return exports


def import_modules(names: Iterable[str]) -> None:
    """Import the code of modules and what it needs, while the files of this system are there."""
    for name in ("core", *names):
        package = package_of(name)
        for part in ("exports", "module"):
            with contextlib.suppress(ModuleNotFoundError):
                importlib.import_module(f"{package}.{part}")
    for codec in ("ascii", "latin-1", "utf-8", "idna", "punycode"):
        codecs.lookup(codec)


def refuse_unbuilt(config: Config) -> None:
    """Raise StartError for the first thing that the configuration uses and that is not built."""
    for missing in config.not_built:
        raise StartError(f"{missing.what} is not built", missing.place)


def _place_of(config: Config, module: str) -> Place | None:
    return next((p.place for p in config.modparams if p.module == module), None)


def load_modules(server: Server, names: Iterable[str]) -> None:
    """Make the module objects, ``core`` first, then in load order; check what each requires."""
    wanted = ["core", *dict.fromkeys(names)]
    for name in wanted:
        exports = module_exports(name)
        place = _place_of(server.config, name)
        if exports.status is Status.PARSED_ONLY:
            raise StartError(f"module {name} is not built", place)
        try:
            found = importlib.import_module(f"{package_of(name)}.module")
            cls: type[Module] = getattr(found, exports.impl)
        except ModuleNotFoundError as error:
            if error.name != f"{package_of(name)}.module":
                raise StartError(f"module {name} needs {error.name}, not installed") from error
            if name == "core":
                continue
            raise StartError(f"module {name} is not built", place) from None
        server.modules[name] = cls(server)
    for name in wanted:
        for other in module_exports(name).requires:
            if other not in server.modules:
                raise StartError(f"module {name} needs module {other}: loadmodule it", None)


def set_params(server: Server, params: Iterable[ModParam]) -> None:
    """Apply modparams in order. Raises StartError with the place of the first bad one."""
    for param in params:
        names = param.module.split("|")
        found = [module for name, module in server.modules.items() if name in names]
        if not found:
            raise StartError(f"modparam for module {param.module}, not loaded", param.place)
        for module in found:
            _set_param(module, param)


def _set_param(module: Module, param: ModParam) -> None:
    try:
        module.set_param(param.name, param.value, param.place)
    except StartError as error:
        if error.place is None:
            error.place = param.place
        raise
    except ValueError as error:
        raise StartError(f"modparam {module.name}:{param.name}: {error}", param.place) from error


def init_order(server: Server) -> list[Module]:
    """Modules in the order of ``mod_init``: load order, each after those it requires."""
    done: dict[str, Module] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in done or name in above or name not in server.modules:
            return
        for other in module_exports(name).requires:
            visit(other, (*above, name))
        done[name] = server.modules[name]

    for name in server.modules:
        visit(name, ())
    return list(done.values())


def init_modules(server: Server) -> None:
    """Run every ``mod_init``. Raises StartError naming the module that refused."""
    for module in init_order(server):
        try:
            module.mod_init()
        except StartError as error:
            raise StartError(
                f"module {module.name}: {error.text}",
                error.place or _place_of(server.config, module.name),
            ) from error
        except (ValueError, OSError, MemoryError, LookupError) as error:
            raise StartError(
                f"module {module.name} cannot start: {error}",
                _place_of(server.config, module.name),
            ) from error


def declare_module_exports(server: Server) -> None:
    """Register each module's RPC commands, run-time variables and statistics (after set_params)."""
    for module in server.modules.values():
        exports = module.EXPORTS
        values = {p.name: getattr(module, p.attr or p.name, None) for p in exports.params}
        server.cfg.declare(exports, values)
        for command in exports.rpc:
            if command.status is Status.PARSED_ONLY or server.rpc.get(command.name) is not None:
                continue
            method = command.method or "rpc_" + command.name.rpartition(".")[2]
            function = getattr(module, method, None)
            if function is None:
                LM_BUG("module %s declares %s and has no %s", module.name, command.name, method)
                continue
            server.rpc.register(
                command.name, function, command.doc, returns_array=command.returns_array
            )
        for statistic in exports.statistics:
            if server.stats.has_function(statistic.group, statistic.name):
                continue
            if not statistic.function:
                server.stats.register(statistic.group, statistic.name)
                continue
            function = getattr(module, f"stat_{statistic.name}", None)
            if function is None:
                LM_BUG("module %s does not compute %s", module.name, statistic.name)
                continue
            server.stats.register_function(statistic.group, statistic.name, function)
