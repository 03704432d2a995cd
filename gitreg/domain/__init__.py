"""The rules of the registry as values and pure functions: standard library only, no I/O."""
