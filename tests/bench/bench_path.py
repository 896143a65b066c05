"""The whole path against a spider that only follows links: `python tests/bench/bench_path.py SHARED [PAGES] [ROUNDS]`.

SHARED holds bench/limits (site generator, bare spiders). One run: the site is made and served on the loopback, then rounds of
(a) bare Scrapy that follows links with a seen-set, (b) ours live: manners, archive, extraction, steps, store, (c) ours replaying
the archive that (b) wrote. CPU seconds of each crawl process without imports; medians; politeness delays scaled to nothing.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

REPO = Path(__file__).parent.parent.parent


def ours(folder, port, pages, replay):
    """One crawl in this process; prints its figures."""
    sys.path.insert(0, str(REPO))
    from scrapy.crawler import AsyncCrawlerProcess

    from market_db.home import open_home
    from market_db.rows import read_rows
    from market_db.schema import open_market
    from scripts.crawl import Job
    from scripts.crawl_one import settings_of
    from spiders.families.structured import StructuredSpider
    from spiders.site import Site, passport
    from spiders.source import Pace

    class BenchSite(Site):
        # pages of archives handed in are kept whatever they sell: every page takes the whole path
        source = property(lambda _: "archive:bench")

    class Bench(StructuredSpider):
        def passports(self):
            pace = Pace(max_requests=10**6, max_per_pattern=10**6, max_bytes=10**11, max_items=10**6, max_seconds=10**5)
            return {name: replace(passport(site), pace=pace) for name, site in self.sites.items()}

    home = open_home(Path(folder), {})
    home.make()
    url = f"http://127.0.0.1:{port}/"
    site = BenchSite(id="bench", url=url, family="structured", seller="Toko Contoh", country="NL", currency="EUR", basis="bench", enabled=True, hosts=(f"127.0.0.1:{port}",),
                     tos_checked=__import__("datetime").date(2026, 11, 25))  # fmt: skip
    files = tuple(str(path) for path in sorted(home.archive.glob("*.warc.gz"))) if replay else ()
    job = Job(home=folder, run_id=f"2026112{5 + replay}T000000Z-bench", spider="structured", mode="replay" if replay else "live", replay=files,
              products=("sambal", "ground_coffee"), as_of="2026-11-25")  # fmt: skip
    settings = settings_of(job, home) | {
        "TEMBUS_ALLOW_PRIVATE": [f"127.0.0.1:{port}"], "TEMBUS_WAIT_SCALE": 0.0, "LOG_LEVEL": "WARNING", "TEMBUS_HINTS": {},
    }  # fmt: skip
    began, wall = time.process_time(), time.perf_counter()
    process = AsyncCrawlerProcess(settings)
    process.crawl(Bench, sites=[site], products=())
    process.start()
    cpu, wall = time.process_time() - began, time.perf_counter() - wall
    db = open_market(home)
    run = next(read_rows(db, "select * from runs order by started desc, run_id desc limit 1"))
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    shown = {name: run[name] for name in ("verdict", "why", "answers", "scraped", "stored_new", "unchanged", "rejected")}
    print(json.dumps({"cpu": cpu, "wall": wall, "rss_mb": rss, **shown}))


def last_json(command, **kwargs):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **kwargs)
    try:
        return json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        sys.exit(done.stderr[-3000:])


def main():
    shared, pages, rounds = Path(sys.argv[1]), int((sys.argv[2:] or ["5000"])[0]), int((sys.argv[3:] or ["3"])[0])
    limits = (shared / "bench" / "limits").resolve()
    figures = {"follow": [], "ours": [], "replay": []}
    with tempfile.TemporaryDirectory() as work:
        root = Path(work) / "site"
        subprocess.run([sys.executable, "gen_site.py", str(root), str(pages)], cwd=limits, check=True)
        urls = "".join(f"<url><loc>http://127.0.0.1:PORT/p/{i}.html</loc></url>" for i in range(pages))
        server = subprocess.Popen([sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--protocol", "HTTP/1.1"], cwd=root,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # fmt: skip
        port = int(server.stdout.readline().split("port ")[1].split()[0])
        (root / "sitemap.xml").write_text(
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.replace("PORT", str(port))
        )
        try:
            for n in range(rounds):
                follow = [
                    sys.executable,
                    str(limits / "crawl.py"),
                    "--links",
                    "seen",
                    "--port",
                    str(port),
                    "--set",
                    "tuned",
                    "--robots",
                    "1",
                ]
                bare = last_json(follow, cwd=work)
                figures["follow"].append(bare["cpu_ms"])
                for name in ("ours", "replay"):
                    run = last_json(
                        [sys.executable, __file__, "--one", f"{work}/home{n}", str(port), str(pages), str(int(name == "replay"))], cwd=REPO
                    )
                    figures[name].append(run["cpu"] * 1000 / pages)
                    print(n, name, run, flush=True)
        finally:
            server.kill()
    mid = {name: median(values) for name, values in figures.items()}
    print({name: f"{value:.2f} ms/page" for name, value in mid.items()})
    print(
        f"whole path / follow only {mid['ours'] / mid['follow']:.2f} (at most 3); replay / recording {mid['replay'] / mid['ours']:.2f} (below 1)"
    )


if __name__ == "__main__":
    if "--one" in sys.argv:
        ours(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "1")
    else:
        main()
