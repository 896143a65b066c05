"""Who took what along, and when: without a line in the log no list of contacts leaves."""

import json
from datetime import UTC, datetime
from pathlib import Path

from market_db.exports.lists import ExportFailed
from market_db.home import Home


def log_export(home: Home, name: str, *, by: str, what: str, rows: int, now: datetime | None = None) -> None:
    """Put one line into the home's `exports.jsonl`; `name` is the file's, its suffix the format. Raises ExportFailed."""
    line = {
        "at": (now or datetime.now(UTC)).isoformat(timespec="seconds"),
        "by": by,
        "file": name,
        "format": Path(name).suffix[1:],
        "filter": what,
        "rows": rows,
    }
    try:
        home.make()
        log = home.logs / "exports.jsonl"
        with log.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")
        log.chmod(0o600)
    except OSError as error:
        raise ExportFailed(home.exports / name, f"the log of exports cannot be written: {error.strerror}") from error
