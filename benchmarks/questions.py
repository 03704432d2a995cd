"""What both halves of lookups.py are asked, and how they time themselves.

A half is a script in an environment of its own: `HALF WHERE QUESTIONS.json LOOKUP once|again`. It
prints as JSON what it answers, and the seconds of all calls but the first. Nothing but the standard
library is imported here, for both have it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Question = Mapping[str, Any]
Lookup = Callable[[Question], object]
PAGE = 20  # versions that a filter returns, as gitreg's command line does
_PATIENCE = 3.0  # seconds that the calls of one lookup may take, once three were made


def run(open_half: Callable[[str], Mapping[str, Lookup]]) -> None:
    """Call one lookup as the command line says, and print seconds and answers as JSON.

    `open_half` opens what lies in a place, and returns the lookups by their names.
    """
    where, questions, name, when = sys.argv[1:]
    asked = json.loads(Path(questions).read_text(encoding="utf-8"))
    lookup = open_half(where)[name]
    answers, seconds = [lookup(asked[0])], list[float]()
    for question in asked[1:] if when == "again" else ():
        if len(seconds) >= 3 and sum(seconds) > _PATIENCE:
            break
        start = time.perf_counter()
        answer = lookup(question)
        seconds.append(time.perf_counter() - start)
        answers.append(answer)
    print(json.dumps({"seconds": seconds, "answers": answers}))
