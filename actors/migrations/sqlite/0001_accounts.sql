-- Users, their public keys, their Logins, and what was revoked. No message, ever.
-- Ids are 16 bytes; times are seconds since 1970.

CREATE TABLE users (
    id              BLOB PRIMARY KEY,
    username        TEXT NOT NULL,
    -- Without regard to case.
    username_folded TEXT NOT NULL UNIQUE,
    password_hash   TEXT NOT NULL,
    made_at         INTEGER NOT NULL,
    last_seen_at    INTEGER
) STRICT, WITHOUT ROWID;

-- Append-only: the key with the highest version is the present one.
CREATE TABLE identity_keys (
    user_id    BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    version    INTEGER NOT NULL CHECK (version > 0),
    public_key BLOB NOT NULL,
    made_at    INTEGER NOT NULL,
    PRIMARY KEY (user_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE logins (
    -- Tells the oldest of several that were made within one second.
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         BLOB NOT NULL UNIQUE,
    user_id    BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    user_agent TEXT NOT NULL,
    address    TEXT NOT NULL,
    made_at    INTEGER NOT NULL,
    used_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX logins_by_user ON logins (user_id, seq);

-- Hashes only. A used token is kept until it would have ended: its reuse ends the Login.
CREATE TABLE refresh_tokens (
    hash       BLOB PRIMARY KEY,
    login_id   BLOB NOT NULL REFERENCES logins (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX refresh_tokens_by_login ON refresh_tokens (login_id);
CREATE INDEX refresh_tokens_by_end ON refresh_tokens (expires_at);

-- Access tokens that must not be taken any more. Refers to nothing: it outlives what it names.
CREATE TABLE revoked (
    login_id BLOB NOT NULL,
    -- Absent: every token of the Login.
    token_id BLOB,
    user_id  BLOB NOT NULL,
    until    INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX revoked_once ON revoked (login_id, coalesce(token_id, login_id));
CREATE INDEX revoked_by_end ON revoked (until);
