"""One target under the fuzzer: `python -m tests.fuzz.engine TABLE TARGET OPTION… FOLDER…`.

A process of its own, for the fuzzer ends the process that it runs in. Options are libFuzzer's.
"""

from __future__ import annotations

import sys
import tracemalloc
from importlib import import_module

import atheris

with atheris.instrument_imports(include=["gitreg", "tests.fuzz"]):
    TABLE = import_module(sys.argv[1])

if __name__ == "__main__":
    tracemalloc.start()  # once: every input is measured
    target = TABLE.TARGETS[sys.argv[2]]
    target.run(b"")  # what a law reads once does not count as its first input's time
    atheris.Setup([sys.argv[0], *sys.argv[3:]], target.run)
    atheris.Fuzz()
