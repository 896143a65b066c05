"""`tembus probe`: one polite look at a site, and the row that a person may approve, kept switched off in the home's sites/proposed.toml."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from market_db.desk.store import suppressed
from market_db.home import Home
from scripts.crawl import declared_sites, needs_contact, new_run_id, reachable
from scripts.lock import one_writer
from scripts.nothing_to_crawl import NoNetwork, NothingToCrawl
from spiders.probe import Clue, Findings, declared_as, proposed_row
from spiders.site import load_sites

PROPOSED = "proposed.toml"
SECONDS = 180
_HEAD = "# Rows proposed by `tembus probe`, all switched off. Read the site's terms, fill in basis and tos_checked, then enabled = true.\n"


class ProbeFailed(Exception):
    """The site gave no front page; the message says why."""


class AlreadyDeclared(Exception):
    """The site has a row; the message names its source."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What one look brought."""

    findings: Findings
    row: str
    """The proposed [[site]] row, TOML."""
    requests: int
    """Requests made, robots.txt among them."""
    declared: tuple[str, ...]
    """Sources this site is declared as already."""


def address(text: str) -> str | None:
    """Front page meant by what a person typed, or None: "toko.example" is https://toko.example/."""
    text = text.strip()
    url = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(url)
        bad = parts.port == 0
    except ValueError:
        return None
    if bad or parts.scheme not in ("http", "https") or not parts.hostname or "." not in parts.hostname or parts.username:
        return None
    return f"{parts.scheme}://{parts.netloc}{parts.path or '/'}"


def probe(home: Home, url: str) -> Probed:
    """Look at a site under the manners of a crawl; what came is kept in the archive.

    Raises NothingToCrawl (no contact, or the domain asked to be left alone), NoNetwork, AlreadyRunning, ProbeFailed.
    """
    needs_contact(home)
    parts = urlsplit(url)
    if suppressed(home).covers("domain", parts.hostname or ""):
        raise NothingToCrawl.of("left_alone", host=str(parts.hostname))
    if parts.netloc not in home.config.allow_private and not reachable([parts.netloc]):
        raise NoNetwork(f"{parts.netloc} does not answer")
    with one_writer(home, "probe"):
        came = _look(home, url)
    if not came["findings"]:
        raise ProbeFailed(str(came["failed"]))
    findings = findings_of(came["findings"])
    sites = declared_sites(home)
    row = proposed_row(findings, [site.id for site in sites])
    return Probed(findings, row, int(came["requests"]), tuple(declared_as(findings.url, sites)))


def _look(home: Home, url: str) -> dict[str, Any]:
    """Run the process; it ends when we do."""
    run_id = new_run_id(datetime.now(UTC))
    job = json.dumps({"home": str(home.root), "url": url, "run_id": run_id})
    with (home.logs / f"{run_id}-probe.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts.probe_one"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=Path(__file__).parent.parent,
            start_new_session=True,
        )
        try:
            return _answer_of(process, job)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def _answer_of(process: "subprocess.Popen[bytes]", job: str) -> dict[str, Any]:
    assert process.stdin
    assert process.stdout
    process.stdin.write(job.encode() + b"\n")
    process.stdin.flush()
    line = process.stdout.readline()  # its standard input stays open until then: it ends with us
    process.stdin.close()
    process.stdout.close()
    process.wait(SECONDS)
    try:
        answer: dict[str, Any] = json.loads(line)
    except ValueError:
        return {"findings": None, "failed": "the probe process died; see the newest file in logs/", "requests": 0}
    return answer


def findings_of(data: dict[str, Any]) -> Findings:
    """Findings that came as JSON."""
    clues = {
        name: Clue(value["value"], tuple((kind, what) for kind, what in value["reasons"]))
        for name, value in data.items()
        if isinstance(value, dict)
    }
    return Findings(url=data["url"], others=tuple(data["others"]), **clues)


def keep(home: Home, probed: Probed) -> Path:
    """Append the row to sites/proposed.toml, checked before anything is written. Raises AlreadyDeclared, BadSite."""
    if probed.declared:
        raise AlreadyDeclared(", ".join(probed.declared))
    home.sites.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home.sites / PROPOSED
    before = path.read_text("utf-8") if path.exists() else _HEAD
    text = f"{before.rstrip()}\n\n# {datetime.now(UTC):%Y-%m-%d}, {probed.findings.url}\n{probed.row}"
    with tempfile.TemporaryDirectory(dir=home.root) as folder:
        trial = Path(folder) / PROPOSED
        trial.write_text(text, "utf-8")
        load_sites(Path(folder))
        trial.replace(path)
    return path
