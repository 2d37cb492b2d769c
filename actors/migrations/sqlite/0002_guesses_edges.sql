-- Guesses of passwords, the edges that are there, and in which order revocations came.

-- Another with each password, so that a Login that began with an older one is not made late.
ALTER TABLE users ADD COLUMN password_version INTEGER NOT NULL DEFAULT 1;

-- Buckets are hashes: a name that nobody has is not stored.
CREATE TABLE guesses (
    bucket   BLOB PRIMARY KEY CHECK (length(bucket) = 32),
    failures INTEGER NOT NULL CHECK (failures >= 0),
    next_at  INTEGER NOT NULL,
    made_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX guesses_by_age ON guesses (made_at);

-- Edges that ask for leases, and when they did so: milliseconds since 1970 by the clock of this
-- machine.
CREATE TABLE edges (
    id      BLOB PRIMARY KEY,
    seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A number that is never given twice can only be had by a table that was made with it.
ALTER TABLE revoked RENAME TO revoked_unnumbered;

CREATE TABLE revoked (
    -- One writer after another: the order of the numbers is the order of the commits.
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    login_id BLOB NOT NULL,
    -- Absent: every token of the Login.
    token_id BLOB,
    user_id  BLOB NOT NULL,
    until    INTEGER NOT NULL
) STRICT;

INSERT INTO revoked (login_id, token_id, user_id, until)
SELECT login_id, token_id, user_id, until FROM revoked_unnumbered;

DROP TABLE revoked_unnumbered;

CREATE UNIQUE INDEX revoked_once ON revoked (login_id, coalesce(token_id, login_id));
CREATE INDEX revoked_by_end ON revoked (until);
