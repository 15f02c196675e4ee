"""A local exchange that replays real bars and keeps real accounts; `server` speaks its protocol."""
