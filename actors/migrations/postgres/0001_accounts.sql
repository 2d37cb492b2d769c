-- Users, their public keys, their Logins, and what was revoked. No message, ever.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE users (
    id              uuid PRIMARY KEY,
    username        text NOT NULL,
    -- Without regard to case; in the same order as SQLite's.
    username_folded text COLLATE "C" NOT NULL UNIQUE,
    password_hash   text NOT NULL,
    made_at         timestamptz NOT NULL,
    last_seen_at    timestamptz
);

CREATE INDEX users_by_part_of_name ON users USING gin (username_folded gin_trgm_ops);

-- Append-only: the key with the highest version is the present one.
CREATE TABLE identity_keys (
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    version    integer NOT NULL CHECK (version > 0),
    public_key bytea NOT NULL,
    made_at    timestamptz NOT NULL,
    PRIMARY KEY (user_id, version)
);

CREATE TABLE logins (
    id         uuid PRIMARY KEY,
    -- Tells the oldest of several that were made within one second.
    seq        bigint GENERATED ALWAYS AS IDENTITY,
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    user_agent text NOT NULL,
    address    text NOT NULL,
    made_at    timestamptz NOT NULL,
    used_at    timestamptz NOT NULL
);

CREATE INDEX logins_by_user ON logins (user_id, seq);

-- Hashes only. A used token is kept until it would have ended: its reuse ends the Login.
CREATE TABLE refresh_tokens (
    hash       bytea PRIMARY KEY,
    login_id   uuid NOT NULL REFERENCES logins (id) ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);

CREATE INDEX refresh_tokens_by_login ON refresh_tokens (login_id);
CREATE INDEX refresh_tokens_by_end ON refresh_tokens (expires_at);

-- Access tokens that must not be taken any more. Refers to nothing: it outlives what it names.
CREATE TABLE revoked (
    login_id uuid NOT NULL,
    -- Absent: every token of the Login.
    token_id uuid,
    user_id  uuid NOT NULL,
    until    timestamptz NOT NULL
);

CREATE UNIQUE INDEX revoked_once ON revoked (login_id, coalesce(token_id, login_id));
CREATE INDEX revoked_by_end ON revoked (until);
