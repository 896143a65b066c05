"""What must not stand in a fixture: keys, natural persons, and more rows than a test needs."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from market_db.values.emails import is_role

KEY = re.compile(r"(?i)^(?:api[-_ ]?key|key|token|access[-_ ]?token|secret|password|authorization|subscription-?key|session\w*|cookie)$")
EMAIL = re.compile(rb"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+")
NOBODY = "removed@example.invalid"
GONE = "REMOVED"


@cache
def _table() -> dict[str, list[str]]:
    return tomllib.loads(Path(__file__).with_name("personal_fields.toml").read_text("utf-8"))


def scrubbed(body: bytes, media_type: str, rows: int) -> tuple[bytes, Counter[str]]:
    """The body without keys and persons and with at most `rows` rows a list, and what was taken out, counted by kind."""
    taken: Counter[str] = Counter()
    if "json" in media_type or body.lstrip()[:1] in (b"{", b"["):
        try:
            return json.dumps(_value(json.loads(body), rows, taken), ensure_ascii=False, indent=1).encode(), taken
        except ValueError:
            taken["not JSON, left as it came"] += 1
    if "csv" in media_type or "tab-separated" in media_type:
        lines = body.splitlines(keepends=True)
        taken["rows"] += max(len(lines) - rows - 1, 0)
        body = b"".join(lines[: rows + 1])
    return EMAIL.sub(_email_bytes(taken), body), taken


def _email_bytes(taken: Counter[str]) -> Callable[[re.Match[bytes]], bytes]:
    def replace(found: re.Match[bytes]) -> bytes:
        return _email(found.group().decode("utf-8", "replace"), taken).encode()

    return replace


def _email(address: str, taken: Counter[str]) -> str:
    if is_role(address):
        return address
    taken["personal addresses"] += 1
    return NOBODY


def _value(value: Any, rows: int, taken: Counter[str]) -> Any:
    """One value of a JSON answer, with everything below it."""
    if isinstance(value, dict):
        return {name: _emptied(item, name, taken) if _private(name) else _value(item, rows, taken) for name, item in value.items()}
    if isinstance(value, list):
        taken["rows"] += max(len(value) - rows, 0)
        return [_value(item, rows, taken) for item in value[:rows]]
    return EMAIL.sub(_email_bytes(taken), value.encode()).decode() if isinstance(value, str) and "@" in value else value


def _private(name: str) -> bool:
    folded = re.sub(r"[\s_-]", "", name).lower()
    return bool(KEY.match(name)) or folded in _table()["names"] or any(part in folded for part in _table()["parts"])


def _emptied(value: Any, name: str, taken: Counter[str]) -> Any:
    """A value of the same type that says nothing; a mailbox of a role stays."""
    if value in (None, "", [], {}) or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str) and "@" in value and is_role(value):
        return value
    taken[f"field {name}"] += 1
    return type(value)() if isinstance(value, dict | list) else GONE
