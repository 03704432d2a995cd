"""What is like what: versions as vectors, how near they are and why, and which one to recommend.

`features` reads what a version states, `scaling` makes figures of it that can be compared, `space`
measures nearness, `needs` and `merit` are what a recommendation goes by. None of them knows the
registry. numpy is imported with this package, so import it where it is used.
"""
