"""The command line: a command parses, calls one function of `registry/`, and hands on the value."""
