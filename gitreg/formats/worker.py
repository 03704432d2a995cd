"""The process that loads a model and runs it: `python -P -m gitreg.formats.worker`.

It reads messages (exchange.py) on standard input and answers on standard output; what the model
itself prints goes to standard error. Its bounds are set before anything of the model is opened.
"""

from __future__ import annotations

import os
import resource
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from gitreg.errors import GitregError
from gitreg.formats import FORMATS
from gitreg.formats.exchange import read_message, to_bytes


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Load the model that the first message names, then predict on each that follows."""
    read = partial(_exactly, requests)
    head, _ = read_message(read)
    _limit(head["memory"])
    form = FORMATS[head["format"]]
    model = _answer(answers, lambda: (form.load(Path(head["path"])), {}))
    while model is not None:
        try:
            _, arrays = read_message(read)
        except EOFError:
            return
        _answer(answers, lambda columns=arrays: (True, form.predict(model, columns)))


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(answers: BinaryIO, work: Any) -> Any:
    """Send what `work` returns, or what went wrong; return its first value, None if it failed."""
    try:
        value, arrays = work()
        message = to_bytes({"ok": True}, arrays)
    except MemoryError:
        value, message = None, to_bytes({"ok": False, "what": "it needs more memory than allowed"})
    except GitregError as error:
        said = {"what": str(error), "next_step": error.next_step, "setup": True}
        value, message = None, to_bytes({"ok": False, **said})
    except Exception as error:  # noqa: BLE001 whatever a model raises is told
        value, message = None, to_bytes({"ok": False, "what": f"{type(error).__name__}: {error}"})
    answers.write(message)
    answers.flush()
    return value


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def main() -> None:
    """Keep the two pipes to itself, so that nothing that the model prints gets into them."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    serve(requests, answers)


if __name__ == "__main__":
    main()
