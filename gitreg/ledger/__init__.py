"""The ledger: a branch of signed records, one commit each, read and written here alone.

`reading.py` folds it into a verified state (`verified.py`), and `indexed.py` does so from what the
index has on; `appending.py` builds the commits of new records, `tips.py` tells where it ends here
and at the remote, and `sharing.py` publishes to it, and keeps records that wait for `gitreg push`.
"""

from gitreg.domain.names import LEDGER

BRANCH = LEDGER
PENDING = "refs/gitreg/pending"
SENT = "refs/gitreg/sent"  # the newest record that a write here sent, until it had its answer
KEPT = "refs/gitreg/kept/"  # the commits of pending versions, which no tag holds yet
