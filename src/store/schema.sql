-- Metadata of every service. The engine reads it once, at start, and holds it in memory. The values are JSON, whose
-- structure each service defines: a change of it needs no change of the schema.
CREATE TABLE record (
    kind  TEXT NOT NULL,  -- e.g. s3_bucket, iam_role; unreadable/s3_bucket of a replaced record that could not be read
    key   TEXT NOT NULL,
    value BLOB NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,  -- of the structure of the value: src/store/records.hpp; schema 1 had none
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;  -- load() reads a kind in the order of its keys, which is the order of the table

-- Stream names are long and repeat on every event, so events contain a number instead.
CREATE TABLE log_stream (
    id        INTEGER PRIMARY KEY,
    log_group TEXT NOT NULL,
    name      TEXT NOT NULL,
    bytes     INTEGER NOT NULL DEFAULT 0,  -- of its events, with 26 for each: src/store/log_sizes.hpp; schema 2 had none
    UNIQUE (log_group, name)
) STRICT;

CREATE TABLE log_event (
    sequence     INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: clients have positions in their tokens
    stream_id    INTEGER NOT NULL REFERENCES log_stream (id),
    timestamp_ms INTEGER NOT NULL,
    ingestion_ms INTEGER NOT NULL,
    message      TEXT NOT NULL
) STRICT;

-- The events of a stream in the order of time. src/store/log_reader.cpp merges the streams of a group.
CREATE INDEX log_event_in_order ON log_event (stream_id, timestamp_ms, sequence);
