"""`tembus capture`: one polite request; its answer becomes a fixture, scrubbed, with what the reader makes of it today."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from market_db.home import Home
from scripts.check import SECONDS, spare_home
from scripts.crawl import crawl, declared_sites, needs_contact
from scripts.golden import read_plain
from scripts.nothing_to_crawl import NothingToCrawl
from scripts.scrub import scrubbed
from spiders.archive import iterate_answers
from spiders.reading import Answer
from spiders.site import Site

SUFFIXES = {"application/json": "json", "text/csv": "csv", "text/html": "html", "application/xml": "xml", "text/xml": "xml"}
KEPT_HEADERS = ("content-type", "x-wp-total", "x-wp-totalpages", "link", "content-language")


class NothingCaptured(Exception):
    """The source gave no answer; the message says why."""


@dataclass(frozen=True, slots=True)
class Captured:
    """A fixture as written."""

    folder: Path
    records: int
    taken: Counter[str]
    """What was taken out, by kind."""


def capture(home: Home, source: str, folder: Path, *, url: str | None = None, rows: int = 20) -> Captured:
    """Ask once (the source's first question, or `url` inside its fence) and write request.json, the answer and expected.json.

    Raises NothingCaptured, NothingToCrawl, FileExistsError (a fixture is never overwritten).
    """
    if folder.exists():
        raise FileExistsError(f"{folder} is there already: name another case")
    needs_contact(home)
    with spare_home(home) as spare:
        options = {source: {"only": [url]}} if url else None
        runs = crawl(spare, [source], max_requests=1, max_seconds=SECONDS, options=options)
        answers = [found.answer for path in sorted(spare.archive.glob("*.warc.gz")) for found in iterate_answers(path)]
    wanted = [answer for answer in answers if not answer.url.endswith("/robots.txt")]
    if not wanted:
        raise NothingCaptured("; ".join(f"{run.verdict}: {run.why}" for run in runs) or "no answer")
    return _written(source, wanted[0], folder, rows, declared_sites(home))


def keep(home: Home, source: str, folder: Path, saved: Path, *, url: str, rows: int = 20) -> Captured:
    """As `capture`, of an answer that a person saved to a file: nobody is asked. `url` is where it came from.

    Raises NothingCaptured (an empty address), FileExistsError, OSError.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} is there already: name another case")
    if not url.startswith(("http://", "https://")):
        raise NothingCaptured(f"--url: the address {saved.name} came from")
    kind = next((kind for kind, suffix in SUFFIXES.items() if saved.suffix == f".{suffix}"), "application/octet-stream")
    answer = Answer(body=saved.read_bytes(), url=url, headers={"content-type": kind})
    return _written(source, answer, folder, rows, declared_sites(home))


def _written(source: str, answer: Answer, folder: Path, rows: int, sites: Iterable[Site]) -> Captured:
    """The three files of a case."""
    body, taken = scrubbed(answer.body, answer.media_type, rows)
    kept = {name: value for name, value in answer.headers.items() if name in KEPT_HEADERS}
    clean = replace(answer, body=body, headers=kept)
    file = f"response.{SUFFIXES.get(answer.media_type, 'bin')}"
    asked = {"url": clean.url, "method": clean.method, "body": clean.asked.decode("utf-8", "replace"), "status": clean.status}
    expected = read_plain(source, clean, sites)
    folder.mkdir(parents=True)
    (folder / file).write_bytes(body)
    (folder / "request.json").write_text(json.dumps({**asked, "headers": kept, "file": file}, indent=1, ensure_ascii=False) + "\n", "utf-8")
    (folder / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False, default=str) + "\n", "utf-8")
    return Captured(folder, sum("kind" in read for read in expected), taken)


__all__ = ["Captured", "NothingCaptured", "NothingToCrawl", "capture"]
