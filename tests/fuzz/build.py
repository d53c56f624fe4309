"""Builds the fuzzer: ``python -m tests.fuzz.build DIRECTORY``; prints the program's path."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = ROOT / "tests" / "fuzz"
SUFFIX = str(sysconfig.get_config_var("EXT_SUFFIX"))
INSTRUMENTED = (
    "bodies", "bodies_text", "build", "contacts", "digest", "dset", "frame", "hdrs", "http",
    "lump", "msg", "multipart", "nameaddr", "net", "pvmsg", "registrar_parse", "rr", "sanity",
    "scan", "sdp", "sipmsg", "sipmsg_hdrs", "sipmsg_line", "uri", "via_text",
)  # fmt: skip
"""Modules that inputs reach; the others are taken as they are."""
INCLUDE = f"-I{sysconfig.get_path('include')}"
FLAGS = ("-O1", "-g", "-fno-omit-frame-pointer", "-w", "-fPIC", INCLUDE)


def compiler() -> str | None:
    """The newest clang that is there."""
    names = ["clang", *(f"clang-{version}" for version in range(30, 10, -1))]
    return next((name for name in names if shutil.which(name)), None)


def build(folder: Path) -> Path:
    """The program, in a package tree of its own. Raises CalledProcessError."""
    clang = compiler()
    if clang is None:
        raise FileNotFoundError("there is no clang")
    native = folder / "runtime" / "native"
    native.mkdir(parents=True, exist_ok=True)
    for source in (ROOT / "runtime", ROOT / "runtime" / "native"):
        for file in source.glob("*"):
            link = folder / file.relative_to(ROOT)
            if link.exists() or link.is_symlink() or file == ROOT / "runtime" / "native":
                continue
            if file.name.partition(".")[0] not in INSTRUMENTED or source != ROOT / "runtime/native":
                link.symlink_to(file)
    jobs = [(ROOT / "runtime/native" / f"{name}.pyx", native / name) for name in INSTRUMENTED]
    jobs.append((HERE / "fuzz_entry.pyx", folder / "fuzz_entry"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda job: _module(clang, *job), jobs))
    program = folder / "fuzz"
    _run(
        clang, *FLAGS, "-fsanitize=fuzzer,address", "-rdynamic", str(HERE / "driver.c"),
        "-o", str(program), *_python_library(),
    )  # fmt: skip
    return program


def _module(clang: str, source: Path, target: Path) -> None:
    """Translates and compiles one module, if it is older than its sources."""
    library = target.with_name(target.name + SUFFIX)
    newest = max(path.stat().st_mtime for path in (ROOT / "runtime/native").glob("*.p[yx][xd]"))
    if library.exists() and library.stat().st_mtime > max(newest, source.stat().st_mtime):
        return
    code = target.with_suffix(".c")
    _run(
        sys.executable, "-m", "cython", "-3", "-I", str(ROOT), str(source), "-o", str(code),
        "-X", "boundscheck=False", "-X", "wraparound=False", "-X", "cdivision=True",
    )  # fmt: skip
    _run(
        clang, *FLAGS, "-fsanitize=fuzzer-no-link,address", "-shared", str(code),
        "-o", str(library),
    )  # fmt: skip


def _python_library() -> list[str]:
    folder = str(sysconfig.get_config_var("LIBDIR"))
    version = sysconfig.get_config_var("LDVERSION")
    return [f"-L{folder}", f"-Wl,-rpath,{folder}", f"-lpython{version}", "-lm", "-ldl"]


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def environment(folder: Path) -> dict[str, str]:
    """What the program runs with: its own modules, Python's memory under the sanitizer."""
    return os.environ | {
        "PYTHONPATH": f"{folder}:{sysconfig.get_path('purelib')}",
        "PYTHONHOME": sys.base_prefix,
        "PYTHONMALLOC": "malloc",
        "PYTHONDONTWRITEBYTECODE": "1",
        "ASAN_OPTIONS": "detect_leaks=0:handle_abort=1:allocator_may_return_null=1",
    }


if __name__ == "__main__":
    print(build(Path(sys.argv[1]).resolve()))
