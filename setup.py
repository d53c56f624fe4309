"""Builds the native extensions: one for each ``runtime/native/*.pyx``."""

import os
from glob import glob

from Cython.Build import cythonize
from setuptools import Extension, setup

debug = os.environ.get("KCC_NATIVE_DEBUG") == "1"
extensions = [
    Extension(
        path[: -len(".pyx")].replace(os.sep, "."),
        [path],
        extra_compile_args=["-O1", "-g"] if debug else ["-O2", "-g0"],
        define_macros=[] if debug else [("CYTHON_WITHOUT_ASSERTIONS", "1")],
        extra_link_args=["-pthread"],
    )
    for path in sorted(glob("runtime/native/*.pyx"))
]

# An editable install leaves the build to `make`, which rebuilds only what changed.
skip = os.environ.get("KCC_SKIP_NATIVE") == "1"

setup(
    ext_modules=cythonize(
        [] if skip else extensions,
        quiet=True,
        compiler_directives={
            "language_level": 3,
            "boundscheck": False,
            "wraparound": False,
            "cdivision": True,
            "embedsignature": False,
        },
    )
)
