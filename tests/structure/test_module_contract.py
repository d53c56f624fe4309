"""What exports call built is there: methods of the module with the signature that calls use."""

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

from runtime.declare.exports import Exports, Function, ParamKind, PseudoVar, PvName, Status

MODULES = Path(__file__).parents[2] / "runtime" / "modules"
BUILT = sorted(path.parent.name for path in MODULES.glob("*/module.py"))
WITHOUT_EFFECT = {
    ("acc", "clone_msg"),  # how Kamailio keeps its copy
    ("ctl", "binrpc_buffer_size"),  # sizes of Kamailio's buffers; ours grow
    ("ctl", "binrpc_max_body_size"),
    ("ctl", "binrpc_struct_max_body_size"),
    ("debugger", "cfgpkgcheck"),  # checks a heap that other guards watch here
    ("debugger", "log_assign"),  # read by the compiler, which writes the calls
    ("htable", "fetch_rows"),  # rows fetched at a time
    ("htable", "dmq_init_sync"),  # without effect unless enable_dmq, which is refused
    ("sqlops", "results_maxsize"),  # ours grow
    ("usrloc", "fetch_rows"),
    ("usrloc", "nat_bflag"),  # for modules that ask usrloc for it
}
"""Parameters that are rightly accepted and read by nothing."""
INLINE_PVS = {"var", "vz", "null", "rc", "retcode", "sel", "_s"}
"""Variables that the compiler writes out and `runtime.script` evaluates itself."""


def exports_of(name: str) -> Exports:
    """The exports of a module of ours."""
    exports: Exports = import_module(f"runtime.modules.{name}.exports").EXPORTS
    return exports


def class_of(name: str) -> type:
    """The class that implements a module."""
    cls: type = getattr(import_module(f"runtime.modules.{name}.module"), exports_of(name).impl)
    return cls


def accepts(method: object, count: int) -> bool:
    """Can `method` be called with the message and `count` arguments?"""
    if not callable(method):
        return False
    try:
        signature = inspect.signature(method)
    except ValueError:
        return True  # a native method without text signature
    try:
        signature.bind(*range(count + (0 if isinstance(method, staticmethod) else 1)))
    except TypeError:
        return False
    return True


def bound(cls: type, name: str) -> object:
    """The method as a call on an instance sees it."""
    raw = inspect.getattr_static(cls, name, None)
    if isinstance(raw, staticmethod):
        return raw.__func__
    method = getattr(cls, name, None)
    if method is None:
        return None
    try:
        return method.__get__(object(), cls)
    except TypeError:
        return method


@pytest.mark.parametrize("name", BUILT)
def test_functions(name: str) -> None:
    message = import_module("runtime.native.sipmsg").SipMsg
    cls = class_of(name)
    wrong = [
        f"{function.name}/{count}"
        for function in exports_of(name).functions
        if function.status is Status.BUILT and not function.variadic
        for count in (function.required, len(function.args) + function.rest)
        if not _served(function, count, cls, message)
    ]
    assert not wrong, f"{name}: built, but not callable so: {', '.join(wrong)}"


def _served(function: Function, count: int, cls: type, message: type) -> bool:
    if function.native is not None:
        return hasattr(message, function.native)
    return accepts(bound(cls, function.method or function.name), count)


@pytest.mark.parametrize("name", BUILT)
def test_variables(name: str) -> None:
    message = import_module("runtime.native.sipmsg").SipMsg
    cls = class_of(name)
    wrong: list[str] = []
    for pv in exports_of(name).pvs:
        if pv.status is not Status.BUILT or pv.name in INLINE_PVS:
            continue
        wrong += [f"${pv.name} {problem}" for problem in _pv_problems(pv, cls, message)]
    assert not wrong, f"{name}: {', '.join(wrong)}"


def _pv_problems(pv: PseudoVar, cls: type, message: type) -> list[str]:
    if pv.native is not None:
        return [] if hasattr(message, pv.native) else [f"has no SipMsg.{pv.native}"]
    stem = (pv.method or pv.name).replace(".", "_")
    names = 2 if pv.inner is PvName.TABLE else int(pv.inner is not PvName.NONE)
    problems = []
    if pv.inner is PvName.VALUE and not accepts(bound(cls, f"pv_{stem}_of"), names):
        problems.append(f"has no pv_{stem}_of")
    if not accepts(bound(cls, f"pv_{stem}"), names):
        problems.append(f"has no pv_{stem}")
    if pv.indexed and not accepts(bound(cls, f"pv_{stem}"), names + 1):
        problems.append(f"pv_{stem} takes no index")
    if pv.writable and not accepts(bound(cls, f"set_pv_{stem}"), names + 1):
        problems.append(f"has no set_pv_{stem}")
    return problems


@pytest.mark.parametrize("name", BUILT)
def test_transformations(name: str) -> None:
    cls = class_of(name)
    wrong = [
        f"{{{tr.cls}.{tr.name}}}/{count}"
        for tr in exports_of(name).transformations
        if tr.status is Status.BUILT
        for count in (len(tr.args) if tr.min is None else tr.min, len(tr.args))
        if not accepts(bound(cls, f"tr_{tr.cls}_{tr.name}".replace(".", "_")), count + tr.message)
    ]
    assert not wrong, f"{name}: {', '.join(wrong)}"


@pytest.mark.parametrize("name", BUILT)
def test_parameters_and_rpc(name: str) -> None:
    if name == "core":
        return  # served by runtime.server: core_params.py and core_rpc.py
    cls = class_of(name)
    exports = exports_of(name)
    wrong = [
        param.name
        for param in exports.params
        if param.status is Status.BUILT
        and param.kind in (ParamKind.FUNC_STR, ParamKind.FUNC_INT)
        and not callable(getattr(cls, f"param_{param.attr or param.name}", None))
    ]
    wrong += [
        command.name
        for command in exports.rpc
        if command.status is Status.BUILT
        and not callable(
            getattr(cls, command.method or "rpc_" + command.name.rpartition(".")[2], None)
        )
    ]
    assert not wrong, f"{name}: no method serves {', '.join(wrong)}"


@pytest.mark.parametrize("name", BUILT)
def test_parameters_are_read(name: str) -> None:
    """A parameter that is called built does something: the module's source names it."""
    if name == "core":
        return
    exports = exports_of(name)
    text = "".join(
        path.read_text("utf-8")
        for path in (MODULES / name).glob("*.py")
        if path.name != "exports.py"
    )
    text = re.sub(r"^    \w+: [^=\n]*$", "", text, flags=re.MULTILINE)  # bare declarations
    settings = {setting.param for setting in exports.cfg}
    columns = 'f"{name}_column"' in text
    unread = [
        row.name
        for row in exports.params
        if row.status is Status.BUILT
        and row.name not in settings
        and (name, row.name) not in WITHOUT_EFFECT
        and not (columns and row.name.endswith("_column"))
        and not re.search(rf"\b(param_)?{re.escape(row.attr or row.name)}\b", text)
    ]
    assert not unread, f"{name}: built, but nothing reads {', '.join(unread)}"
