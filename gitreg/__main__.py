"""`python -P -m gitreg`: what the command `gitreg` does.

Without `-P` (or `-I`), Python imports from the working folder first. In a repository that is
somebody else's, a file named like a library there would be run instead of it.
"""

import sys

if not sys.flags.safe_path:
    raise SystemExit(
        "error: python -m imports what lies in this folder before what is installed\n"
        "  next: run gitreg, or python -P -m gitreg"
    )

from gitreg.cli.main import main

if __name__ == "__main__":
    main()
