"""Real crawls for tests: a subprocess per crawl, many sources in each, judged by what the server saw."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DRIVER = Path(__file__).with_name("crawl_driver.py")


@dataclass(frozen=True)
class Crawl:
    """What became of a crawl."""

    stats: dict[str, Any]
    items: list[dict[str, Any]]
    log: str
    peak_mb: float

    def stat(self, source: str, name: str) -> Any:
        """A figure of one source; 0 where it was never counted."""
        return self.stats.get(f"tembus/{source}/{name}", 0)

    def stop(self, source: str) -> str | None:
        return self.stats.get(f"tembus/{source}/stop")

    def items_of(self, source: str) -> list[dict[str, Any]]:
        return [item for item in self.items if item["source"] == source]


def source(*hosts: str, **fields: Any) -> dict[str, Any]:
    """Fields of a passport; the rest is the driver's."""
    return {"hosts": list(hosts), **fields}


def run_crawl(
    sources: dict[str, dict[str, Any]],
    starts: list[dict[str, Any]],
    *,
    settings: dict[str, Any] | None = None,
    names: dict[str, list[str]] | None = None,
    records: int = 1,
    env: dict[str, str] | None = None,
    timeout: float = 60,
) -> Crawl:
    """Crawl `starts` (arguments of `TembusSpider.ask`) on the passports `sources`; names under `.example` are the loopback unless `names` says otherwise."""
    allowed = sorted({host for each in sources.values() for host in each["hosts"] if host.rpartition(":")[2].isdigit()})
    spec = {
        "sources": sources,
        "starts": starts,
        "names": names or {},
        "records": records,
        "settings": {"TEMBUS_WAIT_SCALE": 0.01, "TEMBUS_ALLOW_PRIVATE": allowed, **(settings or {})},
    }
    done = subprocess.run(
        [sys.executable, str(DRIVER)], input=json.dumps(spec), capture_output=True, text=True, timeout=timeout, env=env, check=False
    )
    assert done.returncode == 0, done.stderr[-6000:]
    result = json.loads(done.stdout)
    return Crawl(result["stats"], result["items"], done.stderr, result["peak_mb"])
