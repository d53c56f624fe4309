"""Requests that go on later, or in another process: module async, with tm's suspended transactions."""

# ruff: noqa: E501
from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.runtime.matrix.exchange import Case

LOAD = 'loadmodule "async.so"\n'
WORKERS = "async_workers=1\n" + LOAD
SETUPS = {
    "": WORKERS + 'modparam("async", "ms_timer", 10)\n',
    "groups": 'async_workers=1\nasync_workers_group="name=two;workers=1;nonblock=1"\n'
    'async_workers_group="name=three;workers=1;usleep=1000;"\nasync_workers_group="workers=1"\n'
    'async_workers_group="name=bad;workers=x"\n' + LOAD,
    "none": LOAD + 'modparam("async", "ms_timer", 10)\nmodparam("async", "workers", 0)\n',
    "plain": LOAD,
    "return": WORKERS + 'modparam("async", "ms_timer", 10)\nmodparam("async", "return", 3)\n',
    "negative": WORKERS + 'modparam("async", "ms_timer", 10)\nmodparam("async", "return", -3)\n',
}
CALLS = (
    'async_route("{}A", "1")', 'async_route("{}A", "$var(one)")', 'async_route("$var(name)", "1")',
    'async_ms_route("{}A", "20")', 'async_ms_route("$var(name)", "$var(ten)")',
    'async_task_route("{}A")', 'async_task_route("$var(name)")', 'async_sleep("1")', 'async_ms_sleep("20")',
    'async_ms_sleep("$var(ten)")',
)  # fmt: skip
BAD = (
    'async_route("{}A", "0")', 'async_route("{}A", "100")',
    'async_route("{}A", "$var(less)")', 'async_route("{}A", "$null")', 'async_route("{}A", "$ci")',
    'async_ms_route("{}A", "0")', 'async_ms_route("{}A", "30000")', 'async_ms_route("{}A", "$var(less)")',
    'async_ms_route("$null", "10")', 'async_task_route("$var(none)")', 'async_task_route("$null")',
    'async_sleep("0")', 'async_sleep("100")', 'async_sleep("$var(less)")', 'async_sleep("$null")',
    'async_ms_sleep("0")', 'async_ms_sleep("30000")', 'async_ms_sleep("$var(less)")', 'async_ms_sleep("$ci")',
    'async_route("$var(long)", "1")',
)  # fmt: skip
BEFORE = (
    '$var(one) = 1; $var(ten) = 10; $var(less) = -1; $var(name) = "MEA"; $avp(a) = "kept"; $avp(n) = 7; '
    '$var(long) = "x123456789012345678901234567890123456789012345678901234567890123456789";\n'
)
AFTER = (
    't_reply("486", "Later");',
    'LOG(in $avp(a) $avp(n) $rU $ru $fU $rm $cs $ci $si $proto $rs $rc); t_reply("200", "OK");',
    '$du = "sip:S1"; t_relay();',
    '$du = "sip:S1"; $rU = "new"; append_hf("X-New: 1\\r\\n"); t_on_reply("MER"); t_on_failure("MEF"); t_relay();',
    'if (t_is_failure_route()) LOG(failure); if (t_is_request_route()) LOG(request); t_reply("200", "OK");',
    'if (isflagset(3)) LOG(flag); if (isbflagset(4)) LOG(branch flag); setflag(5); t_reply("404", "No");',
    'LOG($T_reply_code $T(reply_code) $branch(uri)); t_newtran(); LOG($rc); t_reply("500", "Oops");',
    'append_branch("sip:two@S2"); $du = "sip:S1"; t_relay();',
    'sl_send_reply("404", "Stateless"); t_reply("403", "With state");',
    'send_reply("403", "Either");',
    'exit;',
    'drop;',
    'route(MEC); LOG(back $rc); t_reply("480", "Gone");',
    'async_ms_route("MED", "20"); LOG(not here $rc); t_reply("500", "No");',
    'async_task_route("MED"); LOG(not here $rc); t_reply("500", "No");',
    'async_ms_sleep("20"); LOG(second); t_reply("480", "Twice");',
    'LOG($async(data)|$async(gname)|); t_reply("404", "No");',
    '$avp(a) = "new"; $avp(more) = $avp(more) + 1; t_reply("404", "$avp(a)");',
    't_reply("183", "Progress"); t_reply("486", "Busy");',
)  # fmt: skip
MORE = (
    'onreply_route[MER] { LOG(reply $rs $avp(a)); }\nfailure_route[MEF] { LOG(failure $T_reply_code $avp(a)); t_reply("488", "F"); }\n'
    'route[MEC] { LOG(called); return 7; }\nroute[MED] { LOG(twice $avp(a)); t_reply("487", "D"); }\n'
)
STEPS = {2: ("1 180 Ringing", "1 200 OK"), 3: ("1 180 Ringing", "1 486 Busy"), 7: ("1 200 OK",)}


def named(name: str, script: str, more: str = "", **options: Any) -> Case:
    """A case whose routes ``MEA`` to ``MEZ`` are its own."""
    own = [re.sub(r"\bME(?=[A-Z]\b)", name, text) for text in (script, more)]
    return Case(name, own[0], own[1], **options)


def continued() -> Iterator[Case]:
    """Every call that goes on, with every thing that a script may do then."""
    n = 0
    for call in CALLS:
        for number, after in enumerate(AFTER):
            n += 1
            inline = "sleep" in call
            call_ = call.format("ME")
            rest = f"{after}" if inline else 'LOG(after $rc); t_reply("500", "Not suspended");'
            yield named(
                f"con{n}",
                f'{BEFORE}setflag(3); setbflag(4); LOG(before); {call_};\n{rest}',
                more=MORE + ("" if inline else f"route[MEA] {{ LOG(continued); {after} }}\n"),
                steps=STEPS.get(number, ()), setup=SETUPS[""],
                method=("INVITE", "MESSAGE")[n % 2] if number not in (2, 3, 7) else "INVITE",
                silent=after in ("exit;", "drop;"),
            )  # fmt: skip


def refused() -> Iterator[Case]:
    """Calls that cannot be: what they return."""
    n = 0
    for name in ("", "none", "plain", "return", "negative"):
        for call in (*BAD, *CALLS):
            if name in ("none", "plain") and "task" in call:
                continue
            if name in ("return", "negative") and ("ms" in call or "task" in call):
                continue  # the script goes on beside the other process: no order is right
            n += 1
            yield named(
                f"ref{n}",
                f'{BEFORE}{call.format("ME")};\nLOG(after $rc); t_reply("480", "After"); t_newtran(); LOG($rc); t_reply("481", "After");',
                more='route[MEA] { LOG(continued $rc); t_reply("200", "OK"); }\n',
                setup=SETUPS[name], method=("INVITE", "MESSAGE")[n % 2],
            )  # fmt: skip


PLACES = (
    '{ %s; } LOG(after); t_reply("480", "A");',
    'if ($rU == "bob") { %s; LOG(inside); t_reply("200", "In"); } LOG(outside); t_reply("480", "Out");',
    'if ($rU == "bob") { %s; LOG(inside); } t_reply("480", "Out");',
    'if (%s) { LOG(true); } else { LOG(false $rc); } t_reply("480", "Cond");',
    '$var(i) = 0; while ($var(i) < 3) { $var(i) = $var(i) + 1; %s; LOG(round $var(i)); if ($var(i) == 3) t_reply("480", "Loop"); } t_reply("481", "Loop");',
    'switch ($rU) { case "bob": %s; LOG(case); case "x": t_reply("480", "Case"); break; default: LOG(no); } t_reply("481", "Case");',
    'switch ($rU) { case "bob": LOG(one); %s; break; default: LOG(no); } t_reply("481", "Case");',
    'route(MEI); LOG(back $rc); t_reply("480", "Back");',
    '%s; %s; %s; LOG(three); t_reply("480", "Three");',
    '%s; if ($rU == "bob") { LOG(in); %s; LOG(in again); t_reply("480", "In"); exit; } LOG(no);',
    '%s; return; LOG(no);',
    'LOG(last); %s;',
)  # fmt: skip


def places() -> Iterator[Case]:
    """Where a sleep may stand: it goes on with what follows in its own block."""
    n = 0
    for place in PLACES:
        for call in ('async_ms_sleep("20")', 'async_sleep("1")'):
            n += 1
            yield named(
                f"pla{n}", "LOG(start); " + place.replace("%s", call),
                more=f'route[MEI] {{ LOG(inner); {call}; LOG(inner again); t_reply("200", "I"); }}\n',
                setup=SETUPS[""], silent="return" in place or "LOG(last)" in place or "break; default: LOG(no); } t_reply(\"481\"" in place or place.startswith("{"),
            )  # fmt: skip


DATA = (
    'async_task_data("MEA", "some data")', 'async_task_data("MEA", "$rU at $si")', 'async_task_data("MEA", "")',
    'async_task_data("MEA", "$null")', 'async_task_data("none", "x")', 'async_task_data("MEA", "$mb")',
    'async_task_data("$var(name)", "$var(ten)")',
)  # fmt: skip


def data() -> Iterator[Case]:
    """Tasks with data, and groups."""
    n = 0
    for call in DATA:
        for where in (
            '%s; usleep("100000"); LOG($rc); t_newtran(); t_reply("480", "X");',
            'if (%s) { usleep("100000"); LOG(true); } t_newtran(); t_reply("480", "X");',
        ):
            n += 1
            yield named(
                f"dat{n}", BEFORE + where.replace("%s", call),
                more='route[MEA] { LOG(data $async(data) in $async(gname) $rm $ru $fu); async_route("MEA", "1"); LOG($rc); async_task_route("MEA"); LOG($rc); }\n',
                setup=SETUPS[""] + 'loadmodule "cfgutils.so"\n',
            )  # fmt: skip
    for group in ("two", "three", "default", "none", "", "$null", "$rU"):
        n += 1
        yield named(
            f"dat{n}", f'async_task_group_route("MEA", "{group}"); LOG($rc); t_reply("480", "X");',
            more='route[MEA] { LOG(in $async(gname) $async(data)); t_reply("200", "$async(gname)"); }\n',
            setup=SETUPS["groups"], silent=group == "none" or group == "$rU",
        )  # fmt: skip


def all_cases() -> Iterator[Case]:
    """Every case."""
    yield from continued()
    yield from refused()
    yield from places()
    yield from data()
