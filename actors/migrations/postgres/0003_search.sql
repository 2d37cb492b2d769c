-- People are found by the pairs of characters in their names.
--
-- Trigrams of pg_trgm know nothing of two characters, and take `_` and `-` for the ends of words:
-- `a_b` has none, so that the whole index is read for it. A part of a name has all its pairs,
-- whatever they are made of, and the index of pairs is smaller. The extension itself stays:
-- whoever made this database may use it for something else.

DROP INDEX users_by_part_of_name;

CREATE FUNCTION pairs_of(name text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT ARRAY(
        SELECT DISTINCT substr(name COLLATE "C", at, 2) FROM generate_series(1, length(name) - 1) AS at
    )
$$;

-- Written at once: a list of what is yet to be written would be read by each search.
CREATE INDEX users_by_pairs ON users USING gin (pairs_of(username_folded)) WITH (fastupdate = off);
