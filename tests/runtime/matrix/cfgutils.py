"""``cfgutils``: flags, chance, locks, hashes and optional routes, written well and badly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.runtime.matrix.harness import Case

SETTINGS = 'loadmodule "cfgutils.so"\nmodparam("cfgutils", "initial_gflags", 6)\n'
FLAGS = ("0", "1", "5", "31", "32", "-1", "", "x", "5x", "007", "4294967297", "$var(i)")
PERCENTS = ("0", "1", "100", "101", "-1", "", "x", "50x", "$var(i)", "1000", "007")
SURE = ("0", "100", "", "x")
"""Those that ``rand_event`` always answers alike: a text that is no number is 0."""
TEXTS = (
    '"abc"',
    '"ABC"',
    '""',
    '"$rU"',
    '"$var(none)"',
    '"$hdr(X-None)"',
    '"caf\u00e9 \udcff"',
    '"abcd"',
    '"abcdefgh"',
    '"$(ru{s.len})"',
    '"$nosuch"',
    '"a $fu b"',
    '"$var(i)"',
    '"x' + "y" * 900 + '"',
)
NUMBERS = (
    '"0"',
    '"1"',
    '"4"',
    '"16"',
    '"31"',
    '"32"',
    '"-1"',
    '"x"',
    '""',
    '"$var(i)"',
    '"$rU"',
    "7",
)
ROUTES = (
    '"KNOWN"',
    '"EXITS"',
    '"DROPS"',
    '"FIVE"',
    '"MINUS"',
    '"ZERO"',
    '"none"',
    '""',
    '"$var(r)"',
    '"$rU"',
    '"known"',
    '"0"',
    '"KNOWN "',
    '"$var(none)"',
    '"PLAIN"',
)
START = '$var(i) = 5; $var(none) = ""; $var(r) = "KNOWN"; $var(seen) = ""; '
SHOW = ' $var(out) = "" + $rc + "|" + $var(seen);'
ENDS = """
route[KNOWN] { $var(seen) = "known"; return 3; }
route[EXITS] { $var(seen) = "exits"; route(ANSWER); exit; }
route[DROPS] { $var(seen) = "drops"; route(ANSWER); drop; }
route[FIVE] { $var(seen) = "five"; return 5; }
route[MINUS] { $var(seen) = "minus"; return -7; }
route[ZERO] { $var(seen) = "zero"; route(ANSWER); return 0; }
route[PLAIN] { $var(seen) = "plain"; }
route[ANSWER] { set_reply_body("ended by $var(seen)", "text/plain"); sl_send_reply("200", "OK"); }
"""


def calls() -> Iterator[str]:
    """Statements that leave a code behind."""
    for flag in FLAGS:
        for change in ("set_gflag", "reset_gflag", "is_gflag"):
            for look in FLAGS[:4]:
                yield (
                    f'{change}("{flag}"); $var(rc) = $rc; is_gflag("{look}"); $var(seen) = $rc;'
                    f' reset_gflag("{look}"); is_gflag("1");'
                    ' $var(seen) = "" + $var(seen) + $var(rc);'
                )
        yield f"set_gflag({flag});"
    for percent in PERCENTS:
        for then in ("", "rand_event();", "rand_reset_prob();", "rand_get_prob();"):
            if then == "rand_event();" and percent not in SURE:
                continue  # chance
            yield f'rand_set_prob("{percent}"); {then}'
            yield f'rand_set_prob("{percent}"); {then} $var(seen) = $rc; rand_get_prob();'
    for first in TEXTS:
        for second in TEXTS[:9]:
            for size in NUMBERS:
                yield f"core_hash({first}, {second}, {size});"
    for route in ROUTES:
        yield f"check_route_exists({route});"
        if route in ('""', '"0"', '"$var(none)"'):
            continue  # 5.6.3 finds the request route and runs it again and again
        yield f"route_if_exists({route});"
        yield f'if (route_if_exists({route})) $var(seen) = $var(seen) + "+"; else $var(seen) = "-";'
        yield f"check_route_exists({route} + $var(none));"
    for key in TEXTS:
        for function in ("lock", "unlock", "trylock"):
            yield f"{function}({key});"
            yield f"{function}({key}, 1);"
    for time in ("0", "1", '"0"', '"$var(none)"', "$var(none)", '"1"', '"x"', '""', '"$var(i)"'):
        yield f"usleep({time});"
    for zero in ("0", '"0"', '"$var(none)"', '"x"', '""'):
        yield f"sleep({zero});"
    for function in (
        "pkg_status",
        "shm_status",
        "pkg_summary",
        "shm_summary",
        "rand_reset_prob",
        "rand_get_prob",
    ):
        yield f"{function}();"
        yield f"{function}(1);"
    yield "if ($RANDOM >= 0 && $RANDOM <= 2147483647) $var(seen) = 1;"
    yield "$RANDOM = 5;"
    yield "$var(seen) = $(RANDOM{s.len}) > 0;"
    yield "$var(seen) = $RANDOM == $RANDOM;"


def locking() -> Iterator[str]:
    """Sequences of locks that end with none held."""
    keys = ("a", "A", "b", "$rU", "bob", "$hdr(X-None)")
    for first in keys:
        for second in keys:
            yield (
                f'trylock("{first}"); $var(seen) = $rc; trylock("{second}"); $var(rc) = $rc;'
                f' $var(seen) = "" + $var(seen) + $var(rc); unlock("{first}");'
                f' if ($var(rc) > 0) unlock("{second}"); trylock("{second}"); $var(rc) = $rc;'
                f' unlock("{second}"); $var(seen) = $var(seen) + $var(rc);'
            )
            yield f'lock("{first}"); trylock("{second}"); $var(seen) = $rc; unlock("{first}");' + (
                f' if ($var(seen) > 0) unlock("{second}");'
            )


def all_cases() -> Iterator[Case]:
    """Every case without a set of locks."""
    for number, call in enumerate(calls()):
        yield Case(f"C{number}", f"{START}\n{call}\n{SHOW}")


def locked_cases() -> Iterator[Case]:
    """Every case with one."""
    for number, call in enumerate(locking()):
        yield Case(f"L{number}", f"{START}\n{call}\n{SHOW}")


def prepare(folder: Path) -> str:
    """Load the module, and routes to look for."""
    return SETTINGS + ENDS


def prepare_locks(folder: Path) -> str:
    """The same with a set of locks."""
    return prepare(folder) + 'modparam("cfgutils", "lock_set_size", 10)\n'
