//! The log as its users meet it: written, reopened, read, trimmed, searched.
