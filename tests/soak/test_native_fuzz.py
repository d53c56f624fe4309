"""Ten million inputs of libFuzzer with AddressSanitizer for the native parsers: no finding."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.fuzz.build import HERE, build, compiler, environment
from tests.runtime.sip.samples import TORTURE

INPUTS = int(os.environ.get("KCC_NATIVE_FUZZ_INPUTS", "10000000"))
MESSAGES = (0, 1, 5)  # kinds of tests/fuzz/fuzz_entry.pyx that take whole messages
HEADERS = (
    b"via to from cseq contact route record-route path expires authorization proxy-authorization "
    b"content-type content-length"
).split()  # in the order of NAMES there


def write_corpus(folder: Path) -> None:
    """The messages of RFC 4475 whole, and header by header."""
    folder.mkdir()
    for path in TORTURE:
        data = path.read_bytes()
        for kind in MESSAGES:
            (folder / f"{path.stem}-{kind}").write_bytes(bytes([kind]) + data)
        for at, line in enumerate(data.split(b"\r\n")):
            name, _, value = line.partition(b":")
            if name.lower() in HEADERS:
                start = bytes([2, HEADERS.index(name.lower())])
                (folder / f"{path.stem}-h{at}").write_bytes(start + value.strip())


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_ten_million_inputs(tmp_path: Path) -> None:
    if compiler() is None:
        if os.environ.get("KCC_REQUIRE_ORACLE") == "1":
            pytest.fail("KCC_REQUIRE_ORACLE=1, but there is no clang")
        pytest.skip("no clang")
    program = build(tmp_path / "build")
    write_corpus(tmp_path / "corpus")
    command = [
        str(program), str(tmp_path / "corpus"), f"-runs={INPUTS}", "-max_len=4096", "-timeout=20",
        f"-dict={HERE / 'sip.dict'}", f"-artifact_prefix={tmp_path}/", "-print_final_stats=1",
    ]  # fmt: skip
    done = subprocess.run(command, env=environment(tmp_path / "build"), capture_output=True)
    said = done.stderr.decode(errors="replace")
    found = [(path.name, path.read_bytes()) for path in tmp_path.glob("*-*") if path.is_file()]
    assert done.returncode == 0, f"{found}\n{said[-6000:]}"
    print(said[said.rfind("stat::number_of_executed_units") :])
