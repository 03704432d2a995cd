"""The command line: a command parses, calls one function of `registry/`, and hands on the value."""

import gc

# Most of a short command's objects live to its end: to look for garbage among them takes longer
# than the work itself. A long command still does, now and then.
gc.set_threshold(50_000, 20, 20)
