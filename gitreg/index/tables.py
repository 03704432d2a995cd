"""The tables of the index. Whoever changes one, or the rules, changes the file's name by FORMAT.

`body` is an entry as `codec.py` writes it. Versions are numbered by `row` from 0 in the order of
their registration; `record`, `deprecated` and `yanked` are indices of records.
"""

FORMAT = 3

TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE signers (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
CREATE TABLE records (
    number INTEGER PRIMARY KEY,
    signer INTEGER NOT NULL,
    model TEXT,
    version TEXT,
    replaces TEXT,
    time INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX records_of_model ON records (model, number) WHERE model IS NOT NULL;
CREATE INDEX records_of_version ON records (model, version) WHERE version IS NOT NULL;
CREATE INDEX records_replacing ON records (model, replaces) WHERE replaces IS NOT NULL;
CREATE INDEX records_by_time ON records (time);
CREATE TABLE void (place INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE policies (place INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE proposals (place INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE models (
    model TEXT PRIMARY KEY,
    ordinal INTEGER NOT NULL,
    time INTEGER NOT NULL,
    newest INTEGER
) WITHOUT ROWID;
CREATE TABLE versions (
    row INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    version TEXT NOT NULL,
    record INTEGER NOT NULL,
    deprecated INTEGER,
    yanked INTEGER,
    body TEXT NOT NULL,
    UNIQUE (model, version)
);
CREATE INDEX versions_of_model ON versions (model, row);
CREATE INDEX deprecated_versions ON versions (row) WHERE deprecated IS NOT NULL;
CREATE INDEX yanked_versions ON versions (row) WHERE yanked IS NOT NULL;
CREATE TABLE documents (row INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE stages (
    model TEXT NOT NULL,
    stage TEXT NOT NULL,
    seq INTEGER NOT NULL,
    record INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (model, stage, seq)
) WITHOUT ROWID;
CREATE INDEX stages_first_entered ON stages (model, record) WHERE seq = 1;
CREATE INDEX stages_changed_by ON stages (record);
CREATE TABLE holders (
    model TEXT NOT NULL,
    stage TEXT NOT NULL,
    row INTEGER NOT NULL,
    PRIMARY KEY (model, stage)
) WITHOUT ROWID;
CREATE TABLE entered (
    stage TEXT NOT NULL,
    row INTEGER NOT NULL,
    PRIMARY KEY (stage, row)
) WITHOUT ROWID;
CREATE TABLE verdicts (
    place INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    version TEXT NOT NULL,
    stage TEXT NOT NULL,
    seq INTEGER NOT NULL,
    person TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (model, version, stage, seq, person)
);
CREATE TABLE reports (
    record INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    version TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX reports_on_version ON reports (model, version, record);
CREATE TABLE measured (
    metric TEXT NOT NULL,
    row INTEGER NOT NULL,
    value TEXT NOT NULL,
    record INTEGER NOT NULL,
    PRIMARY KEY (metric, row)
) WITHOUT ROWID;
CREATE TABLE deploys (record INTEGER PRIMARY KEY, model TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX deploys_of_model ON deploys (model, record);
"""
