"""The only room that talks to Git.

Reading and writing go through plumbing with a sealed environment (`process.py`), so that neither
a repository's configuration nor its hooks, filters or replace refs can act or lie. GitPython
serves where people create and clone repositories (`create.py`), and is imported there only.
"""
