"""What generated code fixes up once, when it is loaded."""

from __future__ import annotations

from keyword import iskeyword

from runtime.declare.methods import METHODS


class Constants:
    """Attributes of ``Routes`` and names of the module, in the order of their first use."""

    def __init__(self) -> None:
        self._regexes: dict[tuple[bytes, str], str] = {}
        self._texts: dict[tuple[str, bytes], str] = {}
        self._counts: dict[str, int] = {}
        self._tables: dict[tuple[str, bytes], None] = {}
        self._own: dict[tuple[str, str, bytes], str] = {}
        self.modules: dict[str, None] = {}
        self.imports: dict[str, set[str]] = {}
        self.routes: dict[tuple[str, str], str] = {}
        self.slots: dict[str, str] = {}
        self.masks: dict[str, int] = {}
        self._names: set[str] = set()

    def use(self, module: str, name: str) -> str:
        """Import ``name`` from ``module``; returns it."""
        self.imports.setdefault(module, set()).add(name)
        return name

    def module(self, name: str) -> str:
        """The attribute that holds a loaded module."""
        self.modules.setdefault(name)
        return f"self.{attribute(name)}"

    def regex(self, pattern: bytes, options: str = "") -> str:
        """The attribute that holds a compiled regular expression; ``options`` are further
        arguments of ``Regex``."""
        name = self._regexes.get((pattern, options))
        if name is None:
            name = self._regexes[pattern, options] = f"re_{len(self._regexes) + 1}"
        return f"self.{name}"

    def text(self, kind: str, text: bytes) -> str:
        """The attribute that holds a variable reference, format or substitution."""
        name = self._texts.get((kind, text))
        if name is None:
            count = self._counts[kind] = self._counts.get(kind, 0) + 1
            name = self._texts[(kind, text)] = f"{kind}_{count}"
        return f"self.{name}"

    def table(self, module: str, name: bytes) -> str:
        """The name of a table, of which the module is told once."""
        self._tables.setdefault((self.module(module), name))
        return repr(name)

    def own(self, module: str, rule: str, text: bytes) -> str:
        """The attribute that holds what a module's rule made of a text."""
        key = (self.module(module), rule, text)
        name = self._own.setdefault(key, f"own_{len(self._own) + 1}")
        return f"self.{name}"

    def slot(self, var: str) -> str:
        """The constant that numbers the slot of ``$var(var)``."""
        name = self.slots.get(var)
        if name is None:
            name = self.slots[var] = self._unique(f"VAR_{identifier(var).upper()}")
        return name

    def route(self, kind: str, name: str) -> str:
        """The constant that numbers a route."""
        found = self.routes.get((kind, name))
        if found is None:
            wanted = f"{kind}_route_{identifier(name)}".upper()
            found = self.routes[(kind, name)] = self._unique(wanted)
        return found

    def methods(self, names: tuple[str, ...]) -> str:
        """The constant that is a mask of SIP methods: ``INVITE_OR_BYE``."""
        constant = "_OR_".join(names)
        mask = 0
        for name in names:
            mask |= METHODS[name]
        self.masks[constant] = mask
        return constant

    def _unique(self, wanted: str) -> str:
        name, count = wanted, 1
        while name in self._names:
            count += 1
            name = f"{wanted}_{count}"
        self._names.add(name)
        return name

    def assignments(self) -> list[str]:
        """The statements of ``__init__`` that make the attributes, modules aside."""
        lines: list[str] = []
        for (pattern, options), name in self._regexes.items():
            made = self.use("runtime.native.regex", "Regex")
            lines.append(f"self.{name} = {made}({pattern!r}{options})")
        classes = {
            "pv": ("runtime.script.pv", "PvRef"),
            "format": ("runtime.script.pv", "Format"),
            "subst": ("runtime.script.substitute", "Subst"),
        }
        for (kind, text), name in self._texts.items():
            made = self.use(*classes[kind])
            lines.append(f"self.{name} = {made}(server.pv, {text!r})")
        for (module, rule, text), name in self._own.items():
            lines.append(f"self.{name} = {module}.fix_{rule}({text!r})")
        lines += [f"{module}.use_table({name!r})" for module, name in self._tables]
        return lines


def attribute(module: str) -> str:
    """The attribute for a module: its name, unless that means something else."""
    return (
        f"{module}_"
        if module in ("server", "vars") or iskeyword(module) or module.startswith(("re_", "own_"))
        else module
    )


def identifier(text: str) -> str:
    """``text`` with everything that no identifier may hold replaced."""
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in text) or "_"
