"""Write all of ``kcc/catalog/data`` that is made: ``refresh_catalogs.py REPOSITORY``.

REPOSITORY is a clone of Kamailio with its branches and tags. Every minor version is extracted, for
the history of names; those in ``TARGETS`` are kept. Takes a few minutes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from catalog_history import history
from checkout import Checkout
from extract_catalog import as_text, extract

TARGETS = ("3.2", "4.4", "5.6", "6.0")
MINORS = (
    *("3.2", "3.3", "4.0", "4.1", "4.2", "4.3", "4.4", "5.0", "5.1", "5.2", "5.3", "5.4", "5.5"),
    *("5.6", "5.7", "5.8", "6.0"),
)
REFS = {"5.6": "5.6.3"}  # the version that is compared with; of the others the end of the branch
DATA = Path(__file__).parents[1] / "kcc/catalog/data"


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    catalogs: list[dict[str, Any]] = []
    for minor in MINORS:
        with tempfile.TemporaryDirectory() as folder:
            ref = REFS.get(minor, minor)
            _check_out(sys.argv[1], ref, folder)
            facts = extract(Checkout(Path(folder)))
        print(ref, facts["version"], len(facts["modules"]), "modules")
        if minor in TARGETS:
            (DATA / f"{minor}.json").write_text(as_text(facts), encoding="utf-8")
        catalogs.append(facts)
    lines = [
        f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'), sort_keys=True)}"
        for key, value in history(catalogs).items()
    ]
    (DATA / "history.json").write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")


def _check_out(repository: str, ref: str, folder: str) -> None:
    """The files of ``ref`` in ``folder``; a branch may be known only as the origin's."""
    for name in (ref, f"origin/{ref}"):
        git = ["git", "-C", repository, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"]
        found = subprocess.run(git, capture_output=True, text=True, check=False)
        if found.returncode == 0:
            break
    else:
        raise SystemExit(f"{repository} has no {ref}")
    archive = ["git", "-C", repository, "archive", found.stdout.strip()]
    with subprocess.Popen(archive, stdout=subprocess.PIPE) as packed:
        subprocess.run(["tar", "-xf", "-", "-C", folder], stdin=packed.stdout, check=True)


if __name__ == "__main__":
    main()
