"""Packages of the Open Contracting Data Standard: releases alone, in packages, in records, embedded or only linked."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from spiders.base.json_api import ERRORS, Json, rows_in, text_in
from spiders.reading import Answer, BadAnswer, Rejected, load_json

MOST_NESTED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """What differs between publishers of the standard."""

    country: str
    """ISO 3166-1 alpha-2 of the buyers where a release does not say."""
    page: str
    """Address of a notice for people, with {ocid}, {id}, {guid} (id without the running number), {tender}, {contract} in it."""
    encoding: str | None = None
    """Charset where it is not UTF-8."""
    supplier_contacts: bool = True
    """Whether a supplier's contactPoint is the supplier's: some put the buyer's officer there."""
    nothing: str = "\x00"
    """Pattern in the message of an error that only means an empty result."""


def opened(answer: Answer, publisher: Publisher) -> object:
    """The decoded answer; None where the source says in its own way that there is nothing.

    Raises BadAnswer as `read_releases`.
    """
    found = load_json(_in_utf8(answer, publisher.encoding))
    said = _error_in(found, answer.status)
    if said and re.search(publisher.nothing, said):
        return None
    if said:
        raise BadAnswer("refused query", said)
    return found


def _in_utf8(answer: Answer, encoding: str | None) -> Answer:
    """The answer as UTF-8; a publisher's other charset is used only where the bytes are no UTF-8."""
    if encoding is None:
        return answer
    try:
        answer.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return replace(answer, body=answer.body.decode(encoding, "replace").encode())
    return answer


def _error_in(found: object, status: int) -> str | None:
    """What an error says: the body of an error status, or one inside a 200; a message beside rows is none."""
    if not isinstance(found, dict):
        return str(found)[:400] if status >= 400 else None
    holds = any(found.get(name) for name in ("releases", "records", "ocid", "data", "compiledRelease"))
    failed = any(found.get(name) for name in (*ERRORS, "errorCode"))
    named = [str(found[name])[:400] for name in ("message", *ERRORS, "errorCode", "detail", "title") if found.get(name)]
    if status >= 400 or failed or (named and not holds):
        return " ".join(named)[:400] or str(dict(found))[:400]
    return None


def releases_in(found: object, depth: int = 0) -> Iterator[Json | Rejected]:
    """Each release of a package, list or record; rows that are none are rejected.

    Raises BadAnswer: unexpected shape.
    """
    if found is None:
        return
    rows = _rows_of(found)
    if rows is None or depth > MOST_NESTED:
        names = sorted(map(str, found))[:10] if isinstance(found, dict) else type(found).__name__
        raise BadAnswer("unexpected shape", f"no releases or records; {names}")
    for row in rows:
        if not isinstance(row, dict):
            yield Rejected("not an object")
        elif "ocid" in row and not ("releases" in row or "compiledRelease" in row):
            yield row
        elif "compiledRelease" in row or ("ocid" in row and "releases" in row):
            yield from _of_record(row)
        elif "releases" in row or "records" in row:
            yield from releases_in(row, depth + 1)
        else:
            yield Rejected("linked release" if isinstance(row.get("url"), str) else "no ocid", (text_in(row, "url") or "")[:200])


def _rows_of(found: object) -> Sequence[object] | None:
    """Rows under the names that packages use; a release or record alone is one row. None = nothing of the kind."""
    if isinstance(found, list):
        return found if any(isinstance(row, dict) for row in found) else None
    if not isinstance(found, dict):
        return None
    if "ocid" in found or "compiledRelease" in found:
        return [found]
    if "data" in found and not ("releases" in found or "records" in found):
        return _rows_of(found["data"])
    if "releases" in found or "records" in found:
        return [*rows_in(found, "releases"), *rows_in(found, "records")]
    return None


def _of_record(record: Json) -> Iterator[Json | Rejected]:
    """The compiled release of a record, else the releases embedded in it; linked ones are rejected with their address."""
    compiled = record.get("compiledRelease")
    if isinstance(compiled, dict):
        yield {"ocid": record.get("ocid"), **compiled}
        return
    for release in rows_in(record, "releases"):
        if not isinstance(release, dict):
            yield Rejected("not an object")
        elif isinstance(release.get("url"), str) and not {"tender", "awards", "parties"} & set(release):
            yield Rejected("linked release", (text_in(release, "url") or "")[:200])
        else:
            yield {"ocid": record.get("ocid"), **release}


def linked_releases(found: object) -> list[str]:
    """Addresses of releases that records only link to."""
    if isinstance(found, dict) and isinstance(found.get("records"), list):
        found = found["records"]
    rows = [row for row in found if isinstance(row, dict) and "compiledRelease" not in row] if isinstance(found, list) else []
    releases = [one for row in rows if isinstance(row.get("releases"), list) for one in row["releases"] if isinstance(one, dict)]
    return [url for one in releases if not {"tender", "awards", "parties"} & set(one) and isinstance(url := one.get("url"), str)]
