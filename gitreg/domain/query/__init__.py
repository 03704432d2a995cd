"""The query language of `gitreg search`: its grammar, its fields, and what it finds.

Everything here is pure: documents come from whoever has them, be it a ledger or an index. The
language itself is told in docs/search.md.
"""
