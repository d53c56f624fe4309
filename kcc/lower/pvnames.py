"""What constant text in the parentheses of a variable may be, where a class has rules for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from runtime.declare.listnames import avp_ident, xavp_path, xavu_path

_HEADER: Final = re.compile(r"\*|[A-Za-z0-9._+~-]+[ \t]*(?::.*)?", re.S)


def _header(text: str) -> str | None:
    return None if _HEADER.fullmatch(text) else "the name of a header"


def _name_by(parse: Callable[[bytes], object]) -> Callable[[str], str | None]:
    def rule(text: str) -> str | None:
        try:
            parse(text.encode("latin-1"))
        except ValueError as error:
            return str(error)
        return None

    return rule


_QUERY: Final = re.compile(r"\s*[A-Za-z0-9]+\s*=>\s*([A-Za-z0-9]+)\s*(\[.*\])?\s*", re.S)
_INDEX: Final = re.compile(r"\[\s*(?:[A-Za-z0-9]+\s*|\$.+)\]", re.S)


def _query(fields: str) -> Callable[[str], str | None]:
    """``name=>count``, ``name=>field[index]``"""
    known = fields.split()

    def rule(text: str) -> str | None:
        found = _QUERY.fullmatch(text)
        if found and found[1] == "count" and not found[2]:
            return None
        if found and found[1] in known and found[2] and _INDEX.fullmatch(found[2]):
            return None
        return f"`name=>count`, or `name=>field[index]` with one of {', '.join(known)}"

    return rule


def _dns(text: str) -> str | None:
    found = re.fullmatch(r"\s*[^\s=]+\s*=>(?:addr|type|ipv4|ipv6|count)(?:\[(.*)\])?", text, re.S)
    if found and (not found[1] or re.fullmatch(r"-?[0-9]*|\$.+", found[1], re.S)):
        return None
    return "`name=>field[index]` with addr, type, ipv4, ipv6 or count"


def _dbr(text: str) -> str | None:
    from runtime.modules.sqlops.syntax import dbr

    try:
        dbr(text.encode("latin-1"))
    except ValueError as error:
        return str(error)
    return None


def _select(text: str) -> str | None:
    return "a select, as in `from.uri`" if text.startswith("$") else None


def _one_of(*names: str) -> Callable[[str], str | None]:
    """One of some names."""
    return lambda text: None if text in names else f"one of {', '.join(names)}"


def _counted(text: str) -> str | None:
    return None if re.match(r"\$\(?x?avp\(", text) else "an AVP or an XAVP, as in `$avp(x)`"


def _setting(text: str) -> str | None:
    return None if 0 < text.find(".") < len(text) - 1 else "`group.name`"


def _octet(text: str) -> str | None:
    known = text.startswith("$") or re.fullmatch(r"[+-]?[0-9]+", text)
    return None if known else "the number of an octet"


def _contact(text: str) -> str | None:
    name = text.partition("=>")[2] if text.find("=") == text.find("=>") else ""
    return None if _OF_CONTACTS.fullmatch(name) else "`profile=>attribute`"


def _colour(text: str) -> str | None:
    known = re.fullmatch(r"[xsrgybpcwSRGYBPCW][xsrgybpcw]", text)
    return None if known else "two letters of colours, as in `rg`"


def _flag(text: str) -> str | None:
    return None if text.isdigit() and int(text) < 32 else "the number of a flag"


_OF_CONTACTS: Final = re.compile(
    r"q|aor|addr|path|cseq|flags|cflags|ruid|count|regid|domain|callid|aorhash|methods|expires"
    r"|received|modified|conid|user_agent|instance|socket|server_id"
)
_RULES: Final[Mapping[str, Callable[[str], str | None]]] = MappingProxyType(
    {
        **dict.fromkeys(("hdr", "hdrc", "hfl", "hflc"), _header),
        **dict.fromkeys(("xavp", "xavi"), _name_by(xavp_path)),
        "xavu": _name_by(xavu_path),
        "dns": _dns,
        "srvquery": _query("port priority target weight"),
        "naptrquery": _query("order pref flags services regex replace"),
        **dict.fromkeys(("Bf", "Mf", "Sf"), _flag),
        "avp": _name_by(avp_ident),
        "sel": _select,
        "msgbuf": _octet,
        "nh": _one_of("u", "U", "d", "p", "P", "i"),
        "expires": _one_of("min", "max"),
        "cnt": _counted,
        "ccp": _setting,
        "dbr": _dbr,
        "ulc": _contact,
        "C": _colour,
    }
)


def refused_name(variable: str, text: str) -> str | None:
    """What the class ``variable`` wants in its parentheses instead of ``text``; None if that."""
    rule = _RULES.get(variable)
    return None if rule is None else rule(text)
