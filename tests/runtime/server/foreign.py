"""A module outside of this repository: its folder, and an environment where it is installed."""

import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Place:
    """An environment in which the module is installed, and its folder."""

    python: Path
    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """``python -m`` of the environment, in the module's folder."""
        return subprocess.run(
            [self.python, "-m", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )


def install(folder: Path) -> Place:
    """Install ``folder`` into a new environment that sees this checkout and what it needs."""
    env = folder.parent / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", env], check=True)
    python = env / "bin" / "python"
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    paths = f"{ROOT}\n{sysconfig.get_path('purelib')}\n"
    Path(site.stdout.strip(), "checkout.pth").write_text(paths)
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    command += ["--no-deps", "--no-index", "--no-build-isolation", "--editable", "."]
    subprocess.run(command, cwd=folder, check=True)
    return Place(python, folder)
