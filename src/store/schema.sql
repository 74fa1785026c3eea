-- Metadata of every service. The engine holds it in memory and reads it once, at start, so the values are opaque
-- here (JSON, by agreement): a service may change its shape without a migration of ours.
CREATE TABLE record (
    kind  TEXT NOT NULL,  -- e.g. s3_bucket, iam_role
    key   TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;  -- load() reads a kind in order of keys: that is the tree itself

-- Names of streams are long and repeat on every event, so events hold a number instead.
CREATE TABLE log_stream (
    id        INTEGER PRIMARY KEY,
    log_group TEXT NOT NULL,
    name      TEXT NOT NULL,
    UNIQUE (log_group, name)
) STRICT;

CREATE TABLE log_event (
    sequence     INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used twice: clients hold positions in their tokens
    stream_id    INTEGER NOT NULL REFERENCES log_stream (id),
    timestamp_ms INTEGER NOT NULL,
    ingestion_ms INTEGER NOT NULL,
    message      TEXT NOT NULL
) STRICT;

-- Every question about events is about a stream (or all streams of a group) in the order of time.
CREATE INDEX log_event_in_order ON log_event (stream_id, timestamp_ms, sequence);
