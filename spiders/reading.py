"""What a reader gets and gives: one answer in; records, rejected rows and oddities out. Pure: live, replay and file agree."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from email.utils import parsedate_to_datetime

from market_db.seen import Seen


class BadAnswer(Exception):
    """Raised by readers when an answer as a whole cannot be read; the walk turns it into an issue and goes on.

    `reason` is a short constant ("html instead of json"), `detail` what the next person needs.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of a source, live or archived."""

    body: bytes
    url: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    method: str = "GET"
    asked: bytes = b""
    """Body of the request."""

    @property
    def media_type(self) -> str:
        """Media type in lower case, without parameters."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Rejected:
    """One row that was read and not taken."""

    reason: str
    """A short constant, counted."""
    example: str = ""
    """At most 200 characters of the row, without personal data."""


@dataclass(frozen=True, slots=True)
class Issue:
    """The source is odd and the run goes on: unknown field, unmapped value, partial answer."""

    kind: str
    """A short constant, counted: new_field, unmapped_value, partial_answer, bad_answer ..."""
    detail: str
    """What a person needs to know, at most 500 characters."""
    broken: bool = False
    """Whether the run can no longer be called ok."""


Read = Seen | Rejected | Issue
Reading = Iterator[Read]


MAX_JSON = 64 * 1024 * 1024
MAX_DEPTH = 200
_LONE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_LONE = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def load_json(answer: Answer) -> object:
    """Decode a JSON answer; junk before the first brace (themes print it) is passed over, half a surrogate pair becomes U+FFFD.

    Raises BadAnswer: html instead of json, not json, too large, too deep, wrong charset.
    """
    if len(answer.body) > MAX_JSON:
        raise BadAnswer("too large", f"{len(answer.body)} bytes")
    text = _json_text(answer.body)
    try:
        value: object = json.loads(text, parse_constant=lambda _: None)
        if _LONE_ESCAPE.search(text):  # pairs are one character by now; a half can be written to no table, log or file
            value = json.loads(json.dumps(value, ensure_ascii=False).translate(_LONE))
    except RecursionError as error:
        raise BadAnswer("too deep") from error
    except ValueError as error:
        raise BadAnswer("not json", str(error)[:200]) from error
    return value


def _json_text(body: bytes) -> str:
    """Text from the first brace on; UTF-8 is the only charset JSON has (RFC 8259)."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadAnswer("wrong charset", str(error)[:200]) from error
    starts = [at for at in (text.find("{"), text.find("[")) if at >= 0]
    if not starts:
        kind = "html instead of json" if "<" in text[:1000] else "not json"
        raise BadAnswer(kind, text[:100])
    return text[min(starts) :].rstrip()


def day_of(answer: Answer, as_of: date) -> date:
    """The day the answer was given: its Date header, else the day of the run."""
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).date()
    except ValueError:
        return as_of
