"""Small whole configurations: what ``kcc check`` and Kamailio 5.6.3 make of them.

Found by comparing both on many real configurations. ``taken`` is what ``kamailio -c`` says,
``starts`` whether a server comes up; ``found`` are the errors of kcc, ``CODE:line``.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Whole(NamedTuple):
    """A configuration and the judgements."""

    text: str
    found: tuple[str, ...] = ()
    taken: bool = True
    starts: bool = True


def _route(body: str) -> str:
    return f'loadmodule "pv.so"\nrequest_route {{\n{body}\n}}\n'


WHOLES: Final = (
    # an operand that is text for certain is refused, a variable never
    Whole(_route("$var(x) = $fU * 60;")),
    Whole(_route('$var(x) = ($rU + "a") * 2;')),
    Whole(_route('$var(x) = selval(1, "a", "b") * 2;')),
    Whole('stats.min = 5 desc "minutes"\n' + _route("$var(x) = $sel(cfg_get.stats.min) * 60;")),
    Whole(_route("$var(x) = @ruri.user * 2;"), ("K0217:3",), False, False),
    # the name of a $var is text
    Whole(_route("$var($a_b) = 1; $var(y) = $var($a_b);")),
    # names and calls are judged beside syntax errors, in the order of the text
    Whole(
        'loadmodule "pv.so"\nloadmodule "nosuch.so"\nrequest_route {\nfoo();\nif (1 exit;\n}\n',
        ("K0210:2", "K0201:4", "K0101:5"),
        False,
        False,
    ),
    # a loadmodule may stand in what could not be parsed
    Whole('loadmodule "pv.so" modparam\n(\nloadmodule "sl.so"\nrequest_route { foo(); '
          'sl_send_reply("200", "OK"); }\n', ("K0101:3", "K0201:4"), False, False),
    # what a module exports is known after its loadmodule, in strings everywhere
    Whole('modparam("pv", "shvset", "a=i:1")\nloadmodule "pv.so"\nrequest_route {\n exit;\n}\n',
          ("K0252:1",), False, False),
    Whole('request_route {\n xlog("a");\n}\nloadmodule "xlog.so"\n', ("K0202:2",), False, False),
    Whole('request_route {\n if ($var(a)) exit;\n}\nloadmodule "pv.so"\n',
          ("K0208:2",), False, False),
    Whole('loadmodule "pv.so"\nrequest_route {\n $dlg_ctx(on) = 1;\n}\nloadmodule "tm.so"\n'
          'loadmodule "rr.so"\nloadmodule "dialog.so"\n', ("K0208:3",), False, False),
    Whole('loadmodule "xlog.so"\nrequest_route {\n xlog("$var(a)");\n}\nloadmodule "pv.so"\n'),
    # modules are initialised in the order of loading
    Whole('loadmodule "pv.so"\nloadmodule "tmx.so"\nloadmodule "tm.so"\nrequest_route { exit; }\n',
          ("K0213:2",), True, False),
    Whole('loadmodule "pv.so"\nloadmodule "sl.so"\nloadmodule "registrar.so"\n'
          'loadmodule "usrloc.so"\nrequest_route { exit; }\n', ("K0213:3",), True, False),
    Whole('loadmodule "nathelper.so"\nmodparam("nathelper", "natping_interval", 30)\n'
          'request_route { exit; }\n', ("K0213:1",), True, False),
    Whole('loadmodule "nathelper.so"\nmodparam("nathelper", "natping_interval", 0)\n'
          'request_route { exit; }\n'),
    Whole('loadmodule "presence.so"\nrequest_route { exit; }\n'),  # a library without db_url
    # to the parser the event routes of tm are like any other
    Whole('loadmodule "pv.so"\nloadmodule "tm.so"\nloadmodule "tmx.so"\nrequest_route { exit; }\n'
          'event_route[tm:branch-failure:a] { if (t_check_status("430")) t_reuse_branch(); }\n'),
    # the name of a statistic is text or a variable
    Whole('loadmodule "pv.so"\nloadmodule "statistics.so"\n'
          'modparam("statistics", "variable", "a")\n'
          'request_route { update_stat("a", "+1"); update_stat("$var(a)", "$var(b)"); '
          'reset_stat("a"); }\n'),
    # text in a variable's parentheses
    Whole(_route("$var(b) = $_s($$);")),
    Whole(_route("$var(b) = $_s(a$ x);"), ("K0208:3",), False, False),
    # the driver of a database
    Whole('loadmodule "pv.so"\nloadmodule "htable.so"\n'
          'modparam("htable", "db_url", "nosuch")\nrequest_route { exit; }\n',
          ("K0269:3",), True, False),
    Whole('loadmodule "htable.so"\nloadmodule "db_text.so"\nloadmodule "usrloc.so"\n'
          'modparam("usrloc", "db_url", "mysql://a:b@c/d")\nrequest_route { exit; }\n'),
    Whole('loadmodule "usrloc.so"\nmodparam("usrloc", "db_mode", 1)\n'
          'modparam("usrloc", "db_url", "mysql://a:b@c/d")\nrequest_route { exit; }\n',
          ("K0269:3",), True, False),
    # a bare word in a macro hides no error where else the macro is used
    Whole('#!substdef "!PORT!FILL_PORT!g"\nloadmodule "pv.so"\nlisten=tcp:127.0.0.1:PORT\n'
          'request_route { if ($Rp == PORT) exit; }\n', ("K0101:1", "K0109:1"), False, False),
)  # fmt: skip
