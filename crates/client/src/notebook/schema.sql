-- What is kept of one joined room. `room` has one row: the room, and where nothing else is null, what was heard.
CREATE TABLE room (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    id TEXT NOT NULL,
    -- What the room told of itself, as JSON.
    known TEXT,
    -- The place of the last entry.
    epoch TEXT,
    seq INTEGER,
    hash TEXT,
    -- Whether the room has older entries than those kept.
    older INTEGER NOT NULL DEFAULT 0
) STRICT;
-- A gapless run of the log, each entry as it travels.
CREATE TABLE entries (
    seq INTEGER PRIMARY KEY,
    entry TEXT NOT NULL
) STRICT;
-- What was said here and the room has not acknowledged: waiting without a code, failed with one, each in order.
CREATE TABLE lines (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL,
    at INTEGER NOT NULL,
    code TEXT
) STRICT;
