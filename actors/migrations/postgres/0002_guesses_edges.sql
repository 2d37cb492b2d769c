-- Guesses of passwords, the edges that are there, and in which order revocations came.

-- Another with each password, so that a Login that began with an older one is not made late.
ALTER TABLE users ADD COLUMN password_version bigint NOT NULL DEFAULT 1;

-- Buckets are hashes: a name that nobody has is not stored.
CREATE TABLE guesses (
    bucket   bytea PRIMARY KEY CHECK (octet_length(bucket) = 32),
    failures bigint NOT NULL CHECK (failures >= 0),
    next_at  timestamptz NOT NULL,
    made_at  timestamptz NOT NULL
);

CREATE INDEX guesses_by_age ON guesses (made_at);

-- Edges that ask for leases, and when they did so by the clock of this server.
CREATE TABLE edges (
    id      uuid PRIMARY KEY,
    seen_at timestamptz NOT NULL
);

-- The transaction that stored a revocation tells whether it may have been missed: numbers that a
-- sequence gives do not, for transactions commit in another order than they drew them.
ALTER TABLE revoked
    ADD COLUMN seq  bigint GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN txid bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint);

CREATE UNIQUE INDEX revoked_by_seq ON revoked (seq);
CREATE INDEX revoked_by_txid ON revoked (txid);
