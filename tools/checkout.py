"""Where the parts of a Kamailio source checkout are: the layout changed with 5.0."""

from __future__ import annotations

import re
from pathlib import Path


class Checkout:
    """A checkout given by its root or its ``src``: core, libraries and module folders."""

    def __init__(self, root: Path) -> None:
        if (root / "src" / "core").is_dir():
            root = root / "src"
        self.root = root
        self.core = root / "core" if (root / "core").is_dir() else root
        self.lib = root / "lib"
        if not (self.core / "cfg.lex").is_file():
            raise SystemExit(f"{root} is no Kamailio source checkout: cfg.lex is not found")

    @property
    def modules(self) -> dict[str, list[Path]]:
        """Module names to their folders: one, or Kamailio's and SER's of the same name (3.x)."""
        found: dict[str, list[Path]] = {}
        for kind in ("modules", "modules_k", "modules_s"):
            if (self.root / kind).is_dir():
                for folder in (self.root / kind).iterdir():
                    if folder.is_dir():
                        found.setdefault(folder.name, []).append(folder)
        return dict(sorted(found.items()))

    @property
    def version(self) -> str:
        """The version of the Makefiles, ``5.6.3``; empty where they name none."""
        for name in ("Makefile.defs", "../Makefile.defs"):
            path = self.root / name
            if path.is_file():
                text = path.read_text(errors="replace")
                parts = re.findall(r"^(?:VERSION|PATCHLEVEL|SUBLEVEL)\s*=\s*(\d+)", text, re.M)
                if len(parts) >= 3:
                    return ".".join(parts[:3])
        return ""
