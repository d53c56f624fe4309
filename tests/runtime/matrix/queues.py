"""Queues and counters of scripts: mqueue and statistics."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from tests.runtime.matrix.harness import Case

SETUP = """loadmodule "mqueue.so"
loadmodule "statistics.so"
modparam("mqueue", "mqueue", "name=q;size=3")
modparam("mqueue", "mqueue", "name=free")
modparam("mqueue", "mqueue", "NAME=old;size=9;addmode=1;")
modparam("mqueue", "mqueue", "name=new;addmode=2")
modparam("mqueue", "mqueue_size", 2)
modparam("mqueue", "mqueue_addmode", 1)
modparam("mqueue", "mqueue_name", "named")
modparam("statistics", "variable", "one")
modparam("statistics", "variable", "kept/no_reset")
route[EMPTY] {
  while (mq_fetch("q")) { $var(x) = 1; } while (mq_fetch("free")) { $var(x) = 1; }
  while (mq_fetch("old")) { $var(x) = 1; } while (mq_fetch("new")) { $var(x) = 1; }
  while (mq_fetch("named")) { $var(x) = 1; }
  reset_stat("one");
  $var(q) = "q"; $var(n) = 5; $var(s) = "7"; $avp(c) = "one"; $var(m) = "-3"; $var(out) = "";
}
"""
HEAD = "route(EMPTY);\n"
QUEUES = ('"q"', '"free"', '"old"', '"new"', '"named"', '"none"', '""', '"$var(q)"', '"Q"')
TEXTS = ('"k"', '""', '"$rU"', '"a b"', '"$var(none)"', '"$hdr(X-Long)"', '"$hdr(X-Raw)"', '"5"')
NAMES = ("q", "free", "old", "new", "named", "$var(q)")
AMOUNTS = (
    '"1"', '"-1"', '"+5"', '"x"', '""', '"0"', '"100000"', '"$var(n)"', '"$var(s)"', '"65537"',
    '"$rU"', '"65536"',
)  # fmt: skip


def _code(call: str) -> str:
    return f'{call};\n$var(out) = $var(out) + $rc + "|";\n'


def _show(name: str) -> str:
    return (
        f'if ({name} == $null) $var(out) = $var(out) + "null ";\n'
        f'$var(out) = $var(out) + $_s({name}) + "|";\n'
    )


def _sum(name: str) -> str:
    return f'$var(x) = {name};\n$var(out) = $var(out) + $var(x) + "|";\n'


def _scripts() -> Iterator[str]:
    for queue in QUEUES:
        yield _code(f"mq_size({queue})") + _code(f"mq_fetch({queue})") + _code(
            f"mq_pv_free({queue})"
        )
        for key in TEXTS:
            for value in TEXTS:
                yield (
                    _code(f"mq_add({queue}, {key}, {value})") + _code(f"mq_size({queue})")
                    + _code(f"mq_fetch({queue})") + _show("$mqk(q)") + _show("$mqv(q)")
                    + _code(f"mq_fetch({queue})") + _show("$mqk(q)") + _show("$mqv(q)")
                )  # fmt: skip
    for name in NAMES:
        text = f'"{name}"'
        many = "".join(_code(f'mq_add({text}, "k{n % 4}", "v{n}")') for n in range(7))
        read = f'$var(out) = $var(out) + $mqk({name}) + "=" + $mqv({name}) + ",";'
        drain = f"while (mq_fetch({text})) {read}\n"
        yield many + _show(f"$mq_size({name})") + _code(f"mq_size({text})") + drain
        yield many + _code(f"mq_fetch({text})") + _show(f"$mqk({name})") + _code(
            f"mq_pv_free({text})"
        ) + _show(f"$mqk({name})") + _show(f"$mqv({name})") + _show(f"$mq_size({name})")
        for keys in ("aba", "aa", "xaa", "axa", "xax", "aax"):
            adds = [f'mq_add({text}, "{key}", "{n}");\n' for n, key in enumerate(keys)]
            yield "".join(adds) + drain + drain
    for amount in AMOUNTS:
        for variable in ('"one"', '"$avp(c)"', '"kept"', '"$rU"', '"$var(n)"'):
            yield (
                _code(f"update_stat({variable}, {amount})")
                + _code(f"update_stat({variable}, {amount})") + _sum("$stat(one)")
                + _code(f"reset_stat({variable})") + _sum("$stat(one)")
                + "if ($stat(kept) > 0) $var(out) = $var(out) + \"kept\";\n"
            )  # fmt: skip
    yield '$var(n) = 100000; update_stat("one", "$var(n)");\nupdate_stat("one", "5");\n' + _show(
        "$stat(one)"
    )


def all_cases() -> Iterator[Case]:
    """Every case, in the order in which they run."""
    extra = "X-Long: " + "0123456789" * 300 + "\r\nX-Raw: \udcff\udc80caf\u00e9\r\n"
    numbers = count()
    for script in _scripts():
        yield Case(f"Q{next(numbers)}", HEAD + script, extra=extra)
