"""What one module exports, read from its C tables; the core's reader uses the same row readers.

Row layouts are described in ``kcc/catalog/data/README.md``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from csource import Item, Source, body_at, tokens, unquote
from draft_fixups import kinds_of
from select_facts import selects

ROUTE_BITS = {
    "REQUEST_ROUTE": 1,
    "FAILURE_ROUTE": 2,
    "TM_ONREPLY_ROUTE": 4,
    "BRANCH_ROUTE": 8,
    "ONSEND_ROUTE": 16,
    "ERROR_ROUTE": 32,
    "LOCAL_ROUTE": 64,
    "CORE_ONREPLY_ROUTE": 128,
    "BRANCH_FAILURE_ROUTE": 256,
    "ONREPLY_ROUTE": 4 | 128,
    "ONEVENT_ROUTE": 512,
    "EVENT_ROUTE": 1 | 512,
    "ANY_ROUTE": 1023,
}
# mod_fix.c and sr_module.c: fixups that need no free function of their own to take expressions.
SELF_FREEING = frozenset(
    f"fixup_{suffix}"
    for suffix in (
        *("str_null", "str_str", "regexp_null", "pvar_null", "pvar_pvar", "pvar_str"),
        *("pvar_str_str", "igp_igp", "igp_null", "igp_pvar", "igp_pvar_pvar", "spve_spve"),
        *("spve_null", "spve_str"),
    )
)
_RVE = re.compile(r"fixup_(var_str|var_pve_str|var_int|int|str|regex)_(12|1|2)$")
# The module interfaces that Makefiles choose (sr_module.h): since 5.2 there is but one.
_FIELDS = ("name", "dlflags", "cmds", "params", "rpc_methods", "pv_items")
_KAM_FIELDS = ("name", "dlflags", "cmds", "params", "stats", "mi_cmds", "pv_items")
_SER_FIELDS = ("name", "cmds", "rpc_methods", "params")
_KAM = frozenset(("KAMAILIO_MOD_INTERFACE", "OPENSER_MOD_INTERFACE", "MOD_INTERFACE_V1"))
_SER = frozenset(("SER_MOD_INTERFACE", "MOD_INTERFACE_V0"))


def module_facts(
    folder: Path, common: dict[str, str], build: dict[str, str], loaders: dict[str, str]
) -> dict[str, Any] | None:
    """Everything that one module folder exports, or None where it holds no module."""
    paths = sorted(folder.rglob("*.c"))
    if folder.name == "tlsa":  # built from the files of the tls module
        paths = sorted((folder.parent / "tls").glob("*.c"))
    if not paths:
        return None
    defines = dict(build, MOD_NAME=f'"{folder.name}"')
    makefile = folder / "Makefile"
    if makefile.is_file():
        for name, value in re.findall(
            r"^[^#\n]*?-D\s*(\w+)(?:=(\S+))?", makefile.read_text(), re.M
        ):
            defines.setdefault(name, value or "1")
    source = Source.load(paths, common, defines)
    fields = _KAM_FIELDS if _KAM & set(defines) else _SER_FIELDS if _SER & set(defines) else _FIELDS
    exports = _exports_struct(source, fields)
    if exports is None:
        return None
    facts: dict[str, Any] = {}
    name = source.string(exports.get("name")) or folder.name
    if name != folder.name:
        facts["name"] = name
    home = str(exports["file"])
    commands = _table(source, "cmd_export_t", exports.get("cmds"), home)
    if fields is _SER_FIELDS:  # their rows have no free-fixup
        commands = [[*row[:4], "0", *row[4:]] for row in commands]
    facts["functions"] = [
        row for row in (_function(source, r, folder.name) for r in commands) if row
    ]
    params = _table(source, "param_export_t", exports.get("params"), home)
    facts["params"] = [row for row in (_param(source, r) for r in params) if row]
    pvs = _table(source, "pv_export_t", exports.get("pv_items"), home)
    facts["pvs"] = [row for row in (pv_row(source, r) for r in pvs) if row]
    facts["transformations"] = transformations(source)
    facts["rpc"] = rpc_rows(source, exports.get("rpc_methods"))
    facts["mi"] = _mi_commands(source, exports.get("mi_cmds"))
    facts["selects"] = selects(source)
    facts["statistics"] = statistics(source)
    facts["event_routes"] = event_routes(source)
    facts["cfg"] = cfg_rows(source)
    facts["requires"], facts["uses"] = _dependencies(source, loaders, folder.name)
    return {key: value for key, value in facts.items() if value}


def _exports_struct(source: Source, order: tuple[str, ...] = _FIELDS) -> dict[str, Item] | None:
    found = source.struct(
        r"\b(?:struct\s+module_exports|module_exports_t)\s+(?:exports|_\w+_exports)"
    )
    if found is None:
        return None
    fields: dict[str, Item] = {"file": found[0]}
    position = 0
    for item in found[1]:
        named = re.match(r"\. (\w+) = ?(.*)", item) if isinstance(item, str) else None
        if named is not None:
            fields[named.group(1)] = named.group(2)
        else:
            if position < len(order):
                fields[order[position]] = item
            position += 1
    return fields


def _table(source: Source, ctype: str, field: Item | None, home: str) -> list[list[Item]]:
    """The rows of the table that a field of the exports structure, in file ``home``, names."""
    if not isinstance(field, str):
        return []
    name = tokens(field)[-1] if tokens(field) else "0"
    name = source.expand(name)[-1] if name in source.macros else name
    found = source.tables(rf"(?:{ctype}|struct\s+\w*{ctype[:-2]}_?)")
    named = sorted((file != home, file) for file, table in found if table == name)
    rows = found[named[0][1], name] if named else []
    return [row for row in rows if isinstance(row, list)]


def _function(source: Source, row: list[Item], module: str) -> list[Any] | None:
    """``[name, arity, fixup, routes, takes, kinds]``; None for what no script can call."""
    name = source.string(row[0])
    if name is None or len(row) < 3:
        return None
    arity = _number(source, row[2])
    fixup = _callback(source, row[3] if len(row) > 3 else "0")
    free = _callback(source, row[4] if len(row) > 4 else "0")
    routes = _mask(source, row[5] if len(row) > 5 else "0")
    if arity == -1 or routes == 0:
        return None
    if fixup is None or _RVE.match(fixup):
        takes = "value"
    elif free is not None or fixup in SELF_FREEING:
        takes = "refix"
    else:
        takes = "constant"
    return [name, arity, fixup, routes, takes, kinds_of(fixup, arity, module)]


def _callback(source: Source, item: Item) -> str | None:
    words = [w for w in source.expand(str(item)) if re.match(r"[A-Za-z_]\w*$", w)] if item else []
    words = [w for w in words if w not in ("void", "NULL", "fixup_function", "free_fixup_function")]
    return words[-1] if words else None


def _number(source: Source, item: Item) -> int:
    text = "".join(
        t for t in source.expand(item if isinstance(item, str) else "0") if t not in "()"
    )
    return int(text, 0)


def _mask(source: Source, item: Item) -> int:
    mask = 0
    for token in tokens(item) if isinstance(item, str) else []:
        if token in ROUTE_BITS:
            mask |= ROUTE_BITS[token]
        elif token in source.macros:
            mask |= _mask(source, source.macros[token])
        elif token.isdigit():
            mask |= int(token)
    return mask & 1023


def _param(source: Source, row: list[Item]) -> list[Any] | None:
    """``[name, type, by_function, default]`` with type ``int string str var``."""
    name = source.string(row[0])
    if name is None or len(row) < 2:
        return None
    words = set(tokens(str(row[1])))
    for word in list(words):
        words |= set(tokens(source.macros.get(word, "")))
    if words & {"PARAM_STRING", "STR_PARAM"}:
        kind = "string"
    elif words & {"PARAM_STR"}:
        kind = "str"
    elif words & {"PARAM_VAR"}:
        kind = "var"
    else:
        kind = "int"
    by_function = int(bool(words & {"PARAM_USE_FUNC", "USE_FUNC_PARAM"}))
    default = None if by_function or len(row) < 3 else _default(source, str(row[2]), kind)
    return [name, kind, by_function, default]


def _default(source: Source, pointer: str, kind: str) -> int | str | None:
    """The start value of the variable that a parameter fills, where it is a plain constant."""
    words = [t for t in tokens(pointer) if re.match(r"[A-Za-z_.]", t) and t not in ("void", "char")]
    if not words:
        return None
    if len(words) >= 3 and words[1] == ".":
        return _struct_default(source, words[0], words[2], kind)
    for text in source.files.values():
        match = re.search(
            rf"^[ \t]*(?:static\s+|unsigned\s+|volatile\s+|const\s+)*"
            rf"(?:int|char|str|long|time_t|\w+_t)\b[ \t*]+(?:[^;=(){{}}]*,[ \t*]*)?{words[0]}"
            rf"(?:\[[^\]]*\])?\s*(=\s*(?:\{{[^}}]*\}}|[^;,]+))?[;,]",
            text,
            re.M,
        )
        if match is not None:
            return _constant(source, (match.group(1) or "= 0")[1:], kind)
    return None


def _struct_default(source: Source, variable: str, field: str, kind: str) -> int | str | None:
    pattern = rf"\b(?:struct\s+)?(\w+)\s+{variable}"
    found = source.struct(pattern)
    if found is None:
        return None
    declared = re.search(pattern + r"\s*=", source.files[found[0]])
    names = _struct_fields(source, declared.group(1) if declared else "")
    for position, item in enumerate(found[1]):
        named = re.match(r"\. (\w+) = ?(.*)", item) if isinstance(item, str) else None
        if named is not None and named.group(1) == field:
            return _constant(source, named.group(2), kind)
        if named is None and position < len(names) and names[position] == field:
            return _constant(source, item, kind)
    return None


def _struct_fields(source: Source, name: str) -> list[str]:
    for text in source.headers.values():
        match = re.search(rf"\bstruct\s+{name}\s*\{{([^}}]*)\}}", text)
        if match is not None:
            fields = []
            for line in match.group(1).split(";"):
                parts = line.split()
                if parts:
                    fields.append(parts[-1].lstrip("*").split("[")[0])
            return fields
    return []


def _constant(source: Source, item: Item, kind: str) -> int | str | None:
    if kind != "int":
        return source.string(item)
    words = source.expand(item) if isinstance(item, str) else []
    text = " ".join(words)
    text = re.sub(r"\( *(?:unsigned )?(?:int|long|unsigned) *\)", "", text)
    text = re.sub(r"(\d+) *<< *(\d+)", lambda m: str(int(m.group(1)) << int(m.group(2))), text)
    if not re.fullmatch(r"[\d\s()*|\-xXa-fA-FuUlL]+", text):
        return None
    total = 0
    for term in text.replace("(", " ").replace(")", " ").split("|"):
        product = 1
        for factor in term.split("*"):
            digits = re.sub(r"^(-?)0(?=\d)", r"\g<1>0o", factor.replace(" ", "").rstrip("uUlL"))
            try:
                product *= int(digits, 0)
            except ValueError:
                return None
        total |= product
    return total


def pv_row(source: Source, row: list[Item]) -> list[Any] | None:
    """``[name, type, inner, indexed, writable]``: type ``str int dynamic``, inner 0/1."""
    words = [w for item in row for w in (item if isinstance(item, list) else [item])]
    name = source.string(row[0])
    if name is None:
        return None
    rest = [str(r) for r in row[1:]] + ["0"] * 8
    if not isinstance(row[0], list) and len(row) > 1 and "sizeof" in str(row[1]):
        rest = rest[1:]
    assert words
    return [
        name,
        pv_type(source, rest[1]),
        int(rest[3] not in ("0", "NULL")),
        int(rest[4] not in ("0", "NULL")),
        int(rest[2] not in ("0", "NULL")),
    ]


_TEXT = {"pv_get_strval", "pv_get_strlval", "pv_get_strzval", "pv_get_strintval"}
_INTEGER = {"pv_get_intstrval", "pv_get_uintval", "pv_get_sintval"}


def pv_type(source: Source, getter: str) -> str:
    """How the values of a getter enter an operator: read from the helpers it returns through."""
    seen: set[str] = set()
    text, integer, other = _pv_results(source, getter, seen, 0)
    if other or text == integer:
        return "dynamic"
    return "str" if text else "int"


def _pv_results(source: Source, name: str, seen: set[str], depth: int) -> tuple[bool, bool, bool]:
    body = source.function(name)
    if not body or name in seen or depth > 4:
        return False, False, not body and name not in seen
    seen.add(name)
    words = set(re.findall(r"\b[A-Za-z_]\w*(?=\s*\()", body))
    text, integer, other = bool(words & _TEXT), bool(words & _INTEGER), False
    for flags in re.findall(r"->flags\s*\|?=\s*([^;]+);", body):
        if "PV_TYPE_INT" in flags:
            integer = True
        elif "PV_VAL_STR" in flags:
            text = True
    for called in words - _TEXT - _INTEGER - {"pv_get_null"}:
        if re.match(r"_?\w*pv_get_|\w+_get_", called) and source.function(called):
            more = _pv_results(source, called, seen, depth + 1)
            text, integer = text or more[0], integer or more[1]
    return text, integer, other


# Parsed after the comparisons, by code shared between the names (pv_trans.c, textops.c).
_SHARED_PARSING = {
    ("param", "value"): (1, 2),
    ("param", "in"): (1, 2),
    ("param", "valueat"): (1, 2),
    ("param", "name"): (1, 2),
    ("param", "count"): (0, 1),
    ("re", "subst"): (1, 1),
    ("s", "corehash"): (0, 1),
    ("s", "fmtlines"): (2, 2),
    ("s", "fmtlinet"): (2, 2),
}


def transformations(source: Source) -> list[list[Any]]:
    """``[class, name, least, most]``, read from the comparisons of each class's parser."""
    rows: list[list[Any]] = []
    for table in source.tables("tr_export_t").values():
        for row in table:
            cls = source.string(row[0]) if isinstance(row, list) else None
            if cls is None:
                continue
            body = source.function(str(row[-1]))
            branches = list(
                re.finditer(
                    r"(?:name\.len\s*==\s*(\d+)\s*&&\s*\(?|\|\|\s*)"
                    r'strnc(?:ase)?cmp\(\s*name\.s\s*,\s*("(?:[^"\\]|\\.)*")',
                    body,
                )
            )
            for at, branch in enumerate(branches):
                name = unquote(branch.group(2))
                end = branches[at + 1].start() if at + 1 < len(branches) else len(body)
                opening = body.find("{", branch.end(), end)
                if opening >= 0:
                    end = min(end, opening + len(body_at(body, opening)) + 1)
                if branch.group(1) and int(branch.group(1)) != len(name):
                    continue  # a wrong length test: can never match
                piece = body[branch.end() : end]
                most = len(re.findall(r"\b\w*parse_[ns]param\w*\s*\(", piece))
                most += len(re.findall(r"->type\s*=\s*TR_PARAM_(?:STRING|NUMBER)", piece))
                optional = re.search(r"!=\s*TR_PARAM_MARKER\s*\)\s*\{?\s*goto done", piece)
                least, most = _SHARED_PARSING.get((cls, name), (0 if optional else most, most))
                rows.append([cls, name, least, most])
    return rows


def rpc_rows(source: Source, field: Item | None) -> list[list[Any]]:
    """``[name, returns_array]`` of the tables that the module registers."""
    rows: list[list[Any]] = []
    named = set(tokens(field)) if isinstance(field, str) else set()
    text = "\n".join(source.files.values())
    for (_, table), items in source.tables(r"(?:struct\s+)?rpc_export(?:_t)?").items():
        if table in named or re.search(rf"rpc_register_array\s*\(\s*{table}\b", text):
            for row in items:
                name = source.string(row[0]) if isinstance(row, list) else None
                if name is not None:
                    flags = str(row[3]) if len(row) > 3 else "0"
                    rows.append([name, int("RET_ARRAY" in flags)])
    return rows


def _mi_commands(source: Source, field: Item | None) -> list[str]:
    """The commands of the management interface (until 4.4) that the module registers."""
    named = set(tokens(field)) if isinstance(field, str) else set()
    text = "\n".join(source.files.values())
    found: list[str] = []
    for (_, table), items in source.tables("mi_export_t").items():
        if table in named or re.search(rf"register_mi_mod\([^;]*\b{table}\b", text):
            names = (source.string(row[0]) for row in items if isinstance(row, list) and row)
            found.extend(name for name in names if name is not None)
    return found


def statistics(source: Source) -> list[list[Any]]:
    """``[group, name, computed]`` of statistics and counters."""
    rows: list[list[Any]] = []
    text = "\n".join(source.files.values())
    for (_, table), items in source.tables("stat_export_t").items():
        call = re.search(rf"register_module_stats\(\s*([^,]+),\s*{table}\s*\)", text)
        group = _group(source, call.group(1)) if call else None
        for row in items:
            name = source.string(row[0]) if isinstance(row, list) else None
            if name is not None:
                rows.append([group, name, int("STAT_IS_FUNC" in str(row[1]))])
    for (_, table), items in source.tables("counter_def_t").items():
        call = re.search(rf"counter_register_array\(\s*([^,]+),\s*{table}\s*\)", text)
        group = _group(source, call.group(1)) if call else None
        for row in items:
            name = source.string(row[1]) if isinstance(row, list) and len(row) > 1 else None
            if name is not None:
                rows.append([group, name, int(len(row) > 3 and str(row[3]) not in ("0", "NULL"))])
    return rows


def _group(source: Source, text: str) -> str | None:
    if "exports" in text:
        exports = _exports_struct(source)
        return source.string(exports.get("name")) if exports else None
    return source.string(text) or source.string_of(text.strip())


def event_routes(source: Source) -> list[str]:
    """Names of event routes that the module looks up: literals of the form ``a:b``."""
    found: set[str] = set()
    for text in source.files.values():
        if "event_rt" not in text and "evrt" not in text and "event_route" not in text:
            continue
        for call in re.findall(r"route_(?:get|lookup)\(\s*&event_rt\s*,([^;]+?)\)\s*;", text):
            names = [unquote(w) for w in source.expand(call) if w.startswith('"')]
            variable = tokens(call)[0] if tokens(call) else ""
            value = source.string_of(variable) if not names and variable else None
            found.update(n for n in (*names, value or "") if re.fullmatch(r"[a-z]\w*:[\w:-]+", n))
        for name in re.findall(r'"([a-z]\w*:[a-z][\w:-]*[a-z0-9]:?)"', text):
            found.add(name + "*" if name.endswith(":") else name)
    return sorted(
        n for n in found if not re.match(r"(sips?|tel|udp|sctp|https?|urn|uuid|any|mailto):", n)
    )


def cfg_rows(source: Source) -> list[list[Any]]:
    """``[group, name, type]`` of the variables in the run-time configuration framework."""
    rows: list[list[Any]] = []
    text = "\n".join(source.files.values())
    for (_, table), items in source.tables("cfg_def_t").items():
        call = re.search(rf"cfg_declare\(\s*([^,]+),\s*{table}\b", text)
        group = (
            source.string(call.group(1)) if call else "core" if table == "core_cfg_def" else None
        )
        if group is None:
            continue
        for row in items:
            name = source.string(row[0]) if isinstance(row, list) else None
            if name is not None:
                kind = re.search(r"CFG_VAR_(\w+)", str(row[1]))
                rows.append([group, name, kind.group(1).lower() if kind else "int"])
    return rows


def _dependencies(source: Source, loaders: dict[str, str], own: str) -> tuple[list[str], list[str]]:
    """Modules whose API is bound: without condition in ``mod_init``, and anywhere."""
    used: set[str] = set()
    for text in source.files.values():
        for call in re.findall(r"\b(\w*(?:load|bind)\w*)\s*\(", text):
            used.add(loaders.get(call, own))
        for name in re.findall(r'find_export\(\s*("\w+")', text):
            used.add(loaders.get(name, own))
    required: set[str] = set()
    body = source.function("mod_init")
    depth = 0
    for match in re.finditer(
        r'[{}]|\bif\s*\(\s*(\w+)\s*\(([^;{]*?)\)\s*[<!=]|"(?:\\.|[^"\\])*"', body
    ):
        token = match.group()
        depth += (token == "{") - (token == "}")
        if depth == 0 and match.group(1):
            module = loaders.get(match.group(1))
            if module is not None and re.match(
                r"[^{};]*[{]?[^}]*return\s*-\s*1|[^{};]*[{]?[^}]*goto", body[match.end() :]
            ):
                required.add(module)
    used.discard(own)
    required.discard(own)
    return sorted(required), sorted(used - required)
