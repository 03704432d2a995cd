"""The process that runs code of others: `python -P -m gitreg.formats.worker FILE-HANDLE`.

It reads messages (exchange.py) on standard input and answers on standard output; what that code
prints there goes to the file. Its bounds are set before anything of it is opened. The first message
names a model, to be loaded and asked for predictions, a team's metric, to be imported and asked for
figures, or a team's check, to be run once.
"""

from __future__ import annotations

import os
import resource
import sys
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from gitreg.errors import GitregError
from gitreg.formats import FORMATS, Format, ModelFile
from gitreg.formats.exchange import read_message, to_bytes
from gitreg.formats.team_check import run_check
from gitreg.formats.team_metric import load_metric, run_metric


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Load the model or metric that the first message names, then answer each that follows.

    Where it names a check, run that instead.
    """
    read = partial(_exactly, requests)
    head, arrays = read_message(read)
    _limit(head["memory"])
    if "check" in head:

        def ask(columns: Any) -> Any:
            answers.write(to_bytes({"ok": True, "asks": True}, columns))
            answers.flush()
            return read_message(read)

        _answer(answers, lambda: (True, {}, {"said": run_check(head, arrays, ask)}))
        return
    if "metric" in head:
        found = _answer(answers, lambda: (load_metric(head), {}, {}))
        run = _run_metric
    else:
        file = ModelFile(
            path=Path(head["path"]), format=head["format"], entrypoint=head["entrypoint"]
        )
        form = FORMATS[file.format]
        found = _answer(answers, lambda: (form.load(file), {}, {}))
        run = partial(_predict, form)
    while found is not None:
        try:
            _, arrays = read_message(read)
        except EOFError:
            return
        _answer(answers, partial(run, found, arrays))


def _predict(form: Format, model: Any, columns: Any) -> Any:
    return True, form.predict(model, columns), {}


def _run_metric(function: Any, columns: Any) -> Any:
    return True, {}, {"value": run_metric(function, columns)}


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(answers: BinaryIO, work: Any) -> Any:
    """Send what `work` returns, or what went wrong; return its first value, None if it failed."""
    try:
        value, arrays, said = work()
        message = to_bytes({"ok": True, **said}, arrays)
    except MemoryError:
        value, message = None, to_bytes({"ok": False, "what": "it needs more memory than allowed"})
    except GitregError as error:
        told = {"what": str(error), "next_step": error.next_step}
        value, message = None, to_bytes({"error": type(error).__name__, **told})
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
    """Keep the two pipes to itself, so that nothing that is printed gets into them."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(int(sys.argv[1]), 1)
    serve(requests, answers)


if __name__ == "__main__":
    main()
