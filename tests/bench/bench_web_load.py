"""Twenty people at once while the night writes: `python tests/bench/bench_web_load.py [LEADS] [SECONDS] [THINK]`.

A real server on loopback with login, twenty sessions that find, open and note, each thinking THINK seconds between pages, and beside it
a process that writes runs and publishes one snapshot after the other. No answer may be an error; 95 of 100 must come within 300 ms.
"""

import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

from market_db.access.accounts import add_account
from market_db.home import open_home
from market_db.publish import publish
from market_db.rebuild import finish_refresh, save_companies, save_leads, start_refresh
from market_db.runs import Run
from market_db.schema import open_market
from market_db.store import save_run

REPO = Path(__file__).resolve().parents[2]
STAFF, LIMIT_MS = 20, 300
PASSWORD = "kereta pagi 77 biru"
ASKED = (
    "/pembeli",
    "/pembeli?country=NL",
    "/pembeli?has=email&role=importer",
    "/pembeli?q=nusantara",
    "/pembeli?sort=company&page=40",
    "/pembeli?fresh=30&grade=A",
    "/pasar",
    "/pembeli.json?country=DE",
)
KINDS = ("list", "buyer", "note", "operator")
WRITER = """
import sys, time
from datetime import UTC, datetime
sys.path[:0] = [{repo!r}, {here!r}]
import bench_web_load as bench
home = bench.open_home(bench.Path({home!r}), {{}})
bench.write_for_ever(home)
"""


def fill(home, leads):
    """A home with that many leads, published, and the accounts."""
    from bench_web import NOW, company, lead

    db = open_market(home)
    refresh = start_refresh(db, NOW)
    save_companies(db, [company(n) for n in range(leads)], gone=[], merged={}, matches=[], refresh_id=refresh)
    save_leads(db, [lead(n, refresh) for n in range(leads)])
    finish_refresh(db, refresh, {"leads": leads}, NOW)
    db.close()
    publish(home, now=NOW)
    for n in range(STAFF):
        add_account(home, f"staf{n:02}", "operator" if n == 0 else "advisor", PASSWORD, by="bench", now=NOW, must_change=False)


def write_for_ever(home):
    """As a night does: runs into market.db, and snapshot after snapshot."""
    n = 0
    while True:
        db = open_market(home)
        for _ in range(20):
            at = datetime.now(UTC).isoformat(timespec="seconds")
            save_run(db, Run(run_id=f"r{n}", source=f"s{n % 30}", mode="live", started=at, ended=at, verdict="ok", scraped=n))
            n += 1
        db.close()
        publish(home, now=datetime.now(UTC))
        time.sleep(0.2)


def cpu_seconds(pid):
    """Processor time of a process so far; 0 where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Person(threading.Thread):
    """One of the staff."""

    def __init__(self, number, port, until, think):
        super().__init__(daemon=True)
        self.number, self.port, self.until, self.think = number, port, until, think
        self.spent, self.wrong, self.dice = [], [], random.Random(number)
        self.talk = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookie = ""

    def ask(self, method, path, fields=None):
        headers = {"Cookie": self.cookie, "Accept-Encoding": "gzip", "Origin": f"http://127.0.0.1:{self.port}"}
        body = urlencode(fields) if fields else None
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        started = time.perf_counter()
        self.talk.request(method, path, body, headers)
        answer = self.talk.getresponse()
        data = answer.read()
        return answer, data, (time.perf_counter() - started) * 1000

    def log_in(self):
        answer, _, _ = self.ask("POST", "/masuk", {"name": f"staf{self.number:02}", "password": PASSWORD})
        assert answer.status == 303, answer.status
        self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        _, data, _ = self.ask("GET", f"/pembeli.json?page={self.number + 1}")
        import gzip

        data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        self.leads = [row["lead_id"] for row in json.loads(data)["leads"]]

    def run(self):
        time.sleep(self.dice.uniform(0, 1.5) * self.think)  # nobody presses a key in the same thousandth of a second
        while time.time() < self.until:
            lead, roll = self.dice.choice(self.leads), self.dice.random()
            if roll < 0.05:
                kind, found = (
                    "note",
                    self.ask("POST", f"/pembeli/{lead}/tindak-lanjut", {"status": "to_contact", "note": f"oleh {self.number}"}),
                )
            elif roll < 0.1 and self.number == 0:
                kind, found = "operator", self.ask("GET", self.dice.choice(("/operator", "/sumber", "/pembacaan")))
            elif roll < 0.4:
                kind, found = "buyer", self.ask("GET", f"/pembeli/{lead}")
            else:
                kind, found = "list", self.ask("GET", self.dice.choice(ASKED))
            answer, data, took = found
            self.spent.append((took, kind))
            if answer.status not in (200, 303) or b"Traceback" in data:
                self.wrong.append((answer.status, lead))
            time.sleep(self.dice.uniform(0.5, 1.5) * self.think)


def main(leads, seconds, think):
    """Fill, serve, write and ask; exit code 1 where an answer was an error or too many came late."""
    with TemporaryDirectory() as folder:
        home = open_home(Path(folder) / "home", {})
        fill(home, leads)
        environ = {**os.environ, "TEMBUS_HOME": str(home.root), "TEMBUS_LANG": "en"}
        serving = subprocess.Popen(
            [sys.executable, "-m", "scripts", "serve", "--port", "0", "--name", "127.0.0.1"],
            cwd=REPO,
            env=environ,
            stderr=subprocess.PIPE,
            text=True,
        )
        code = WRITER.format(repo=str(REPO), here=str(Path(__file__).parent), home=str(home.root))
        writing = None
        try:
            port = int(serving.stderr.readline().split("127.0.0.1:")[1].split("/")[0])
            staff = [Person(n, port, time.time() + 600, think) for n in range(STAFF)]
            for person in staff:
                person.log_in()
            before = home.published.stat().st_ino
            writing = subprocess.Popen([sys.executable, "-c", code], cwd=REPO)
            worked = cpu_seconds(serving.pid)
            for person in staff:
                person.talk.close()  # kept open for five idle seconds only; the next page opens it again
                person.until = time.time() + seconds
                person.start()
            swaps = set()
            while any(person.is_alive() for person in staff):
                swaps.add(home.published.stat().st_ino)
                time.sleep(0.1)
            usage = Path(f"/proc/{serving.pid}/status").read_text("utf-8") if Path(f"/proc/{serving.pid}/status").exists() else ""
            worked = cpu_seconds(serving.pid) - worked
            log = home.logs / "web.log"
            if os.environ.get("BENCH_LOG") and log.exists():
                print(log.read_text("utf-8")[:6_000])
        finally:
            for process in (writing, serving):
                if process:
                    process.terminate()
                    process.wait(20)
        by_kind = {kind: sorted(took for person in staff for took, one in person.spent if one == kind) for kind in KINDS}
        spent = sorted(one for kind in KINDS for one in by_kind[kind])
        wrong = [one for person in staff for one in person.wrong]
        p95 = spent[int(len(spent) * 0.95)]
        peak = next((line.split()[1] for line in usage.splitlines() if line.startswith("VmHWM")), "0")
        print(f"{leads} leads, {STAFF} people thinking {think} s, {seconds} s: {len(spent)} pages, {len(wrong)} errors {wrong[:3]}")
        print(
            f"median {spent[len(spent) // 2]:.0f} ms, p95 {p95:.0f} ms, most {spent[-1]:.0f} ms; snapshots swapped {len(swaps - {before})} times; {worked / len(spent) * 1000:.0f} ms CPU a page; peak {int(peak) // 1024} MB"
        )
        print("p95 of " + ", ".join(f"{kind} {times[int(len(times) * 0.95)]:.0f} ms" for kind, times in by_kind.items() if times))
        return 1 if wrong or p95 > LIMIT_MS else 0


if __name__ == "__main__":
    given = [float(one) for one in sys.argv[1:]] + [20_000, 30, 1][len(sys.argv) - 1 :]
    sys.exit(main(int(given[0]), int(given[1]), given[2]))
