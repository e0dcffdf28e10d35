-- "Maru" in ASCII: whose file this is.
PRAGMA application_id = 0x4d617275;

-- One row: what holds for the whole log.
CREATE TABLE marks (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    room TEXT NOT NULL,
    -- Entries to keep; NULL for all of them.
    keeps_last INTEGER,
    -- Nothing up to this place is shown any more, whatever is kept from now on.
    trimmed INTEGER NOT NULL,
    -- Nothing up to this place is in the file any more,
    deleted INTEGER NOT NULL,
    -- and this is the hash of the log up to there.
    base BLOB NOT NULL,
    -- Everything up to this place is in the index and counted in `members`.
    indexed INTEGER NOT NULL,
    -- 1 in a backup, until it is opened as a room's log.
    is_backup INTEGER NOT NULL
) STRICT;

-- The lives of the log. Each begins after an entry of the one before.
CREATE TABLE epochs (
    number INTEGER PRIMARY KEY,
    epoch TEXT NOT NULL UNIQUE,
    begins_after INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE entries (
    seq INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL REFERENCES epochs (number),
    at INTEGER NOT NULL,
    hash BLOB NOT NULL,
    member TEXT NOT NULL,
    nickname TEXT NOT NULL,
    number INTEGER NOT NULL,
    host INTEGER NOT NULL,
    kind TEXT NOT NULL,
    -- Of what was said: the sender's name for it.
    message TEXT,
    -- What was said, or the name before a rename.
    text TEXT
) STRICT;

-- The message first: names begin with the time where the sender is one of ours, so that what is said at one time is
-- in one place of the index, whoever says it, and a commit writes a few pages instead of one for each speaker.
CREATE UNIQUE INDEX entries_by_message ON entries (message, member) WHERE message IS NOT NULL;

-- Messages that were trimmed, without their text: whether it is the same shows in the hash.
CREATE TABLE outlived (
    member TEXT NOT NULL,
    message TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    before BLOB NOT NULL,
    hash BLOB NOT NULL,
    nickname TEXT NOT NULL,
    number INTEGER NOT NULL,
    host INTEGER NOT NULL,
    trimmed_at INTEGER NOT NULL,
    PRIMARY KEY (member, message)
) STRICT, WITHOUT ROWID;

CREATE INDEX outlived_by_time ON outlived (trimmed_at);

-- Who has said something, by which number they are coloured, and when they did last. Follows from the entries.
CREATE TABLE members (
    member TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    last_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX members_by_last ON members (last_seq);

-- What the texts are found by, a stretch of the log each, in a full-text table `words_NUMBER` of its own that goes as
-- a whole: taking single texts out of one costs a thousand times more.
CREATE TABLE generations (
    number INTEGER PRIMARY KEY,
    begins_after INTEGER NOT NULL
) STRICT;
