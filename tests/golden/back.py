"""Compiles text and runs the result on modules that only remember what they were asked."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from kcc.catalog.catalog import Catalog
from kcc.driver import Request, Result, compile_file
from runtime.declare.config import Config
from runtime.declare.found import folder_of
from runtime.script.avp import AvpList, avp_name
from runtime.script.linemap import current_place
from runtime.script.pv import Format, PvRegistry
from runtime.script.values import Value, show

CATALOG = Catalog()


class Message:
    """As much of a message as the control flow tests look at."""

    def __init__(self, **attributes: Value) -> None:
        self.rc = 0
        self.avps = AvpList()
        for name, value in attributes.items():
            setattr(self, name, value)


class FakeModule:
    """A module whose functions return what ``results`` says (1 otherwise) and are noted down."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name = server, name

    def __getattr__(self, method: str) -> Any:
        def called(msg: Any, *args: Any) -> int:
            shown = tuple(a.eval(msg) if isinstance(a, Format) else a for a in args)
            self.server.places.append(current_place())
            self.server.calls.append((f"{self.name}.{method}", *shown))
            return self.server.results.get(method, 1)

        return called

    def xlog(self, msg: Any, text: Format) -> int:
        self.server.log.append(text.eval(msg).decode().rstrip("\n"))
        return 1

    def xlog_2(self, msg: Message, level: bytes, text: Format) -> int:
        return self.xlog(msg, text)

    def pv_avp(self, msg: Message, name: bytes, index: int | bytes = 0) -> Value:
        values = msg.avps.all(avp_name(name))
        if isinstance(index, int):
            return msg.avps.get(avp_name(name), index)
        return b", ".join(map(show, values)) if values else None

    def show_avp(self, msg: Message, name: bytes, index: int | bytes = 0) -> bytes:
        return show(self.pv_avp(msg, name, index))

    def set_pv_avp(self, msg: Message, value: Value, name: bytes) -> None:
        if value is None:
            msg.avps.delete(avp_name(name))
        else:
            msg.avps.add(avp_name(name), value)


class Server:
    """What generated code sees of a server."""

    def __init__(self, config: Config, results: Mapping[str, int]) -> None:
        self.config, self.results = config, results
        self.vars: list[Value] = [0] * len(config.vars)
        self.pv = PvRegistry(self.vars, config.vars)
        self.calls: list[tuple[Any, ...]] = []
        self.log: list[str] = []
        self.places: list[Any] = []
        for name in ("core", *config.modules):
            exports = CATALOG.module(name)
            assert exports is not None
            self.pv.add(exports, FakeModule(self, name))

    def module(self, cls: Any) -> FakeModule:
        made: FakeModule = cls(self)
        return made


def compiled(path: Path, text: str | None = None, **defines: str) -> Result:
    """Compile ``path``, after writing ``text`` into it; there must be no error."""
    if text is not None:
        path.write_text(text, "utf-8")
    result = compile_file(Request(str(path), defines))
    assert not result.failed, result.diagnostics
    return result


def load(python: str, results: Mapping[str, int] | None = None) -> tuple[Any, Server, Any]:
    """The Routes object, its server, and the namespace of a compiled module."""
    names = {m for m in CATALOG.own_names if f"import module as {m}_module" in python}
    kept: list[tuple[ModuleType, Any]] = []
    before = dict(sys.modules)
    try:
        for name in names:
            package = importlib.import_module(f"runtime.modules.{folder_of(name)}")
            kept.append((package, package.__dict__.get("module")))
            package.module = SimpleNamespace(  # type: ignore[attr-defined]
                Module=lambda server, name=name: FakeModule(server, name)
            )
        namespace: dict[str, Any] = {"__name__": "compiled"}
        exec(compile(python, "compiled.py", "exec"), namespace)
    finally:
        for package, module in kept:
            if module is None:
                del package.module
            else:
                package.module = module  # type: ignore[attr-defined]
        for name in set(sys.modules) - set(before):
            if name.startswith("runtime.modules.") and name.endswith(".module"):
                del sys.modules[name]
    server = Server(namespace["CONFIG"], results or {})
    return namespace["Routes"](server), server, namespace
