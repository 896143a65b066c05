"""What cleaning and judging one listing costs: `python tests/bench/bench_cleaning.py CORPUS/market` (titles.jsonl and price_strings.jsonl).

Each title becomes a listing with a printed price, a described pack and a seller with phone and mailbox, and walks all steps once; every
text is new, so caches help no more than in a crawl. CPU milliseconds (process_time), the first listing apart: it loads tables and words.
"""

import json
import resource
import sys
import time
from datetime import date
from pathlib import Path
from statistics import median, quantiles

from market_db.products import load_products
from market_db.seen import Listing, Party
from pipelines.context import Context, SourceHint
from pipelines.rejections import Rejection
from pipelines.steps import STEPS

COUNTRY = {"en": "GB", "sv": "SE", "da": "DK", "cs": "CZ", "ja": "JP", "zh": "CN", "ko": "KR", "ms": "MY", "vi": "VN", "uk": "UA", "el": "GR", "ar": "AE", "he": "IL"}  # fmt: skip
MOST_MS = 3.0


def listings(folder):
    rows = [json.loads(line) for line in (folder / "titles.jsonl").read_text("utf-8").splitlines() if line.strip()]
    prices = [json.loads(line)["raw"] for line in (folder / "price_strings.jsonl").read_text("utf-8").splitlines() if line.strip()]
    for at, row in enumerate(rows):
        seller = Party(name=f"Toko {at} Import (contoh)", phones_text=(f"+49 30 {1234567 + at}",), emails_text=(f"sales@toko{at}.example",))
        about = f"{row['title']}, net weight {200 + at % 700} g. Best before: see pack. Item {at}."
        known = COUNTRY.get(row["lang"], row["lang"].upper())
        names = (row["title"], f"Sambal oelek {at} - {row['title']}")  # the second is about the product, and walks to the end
        for name in names:
            yield Listing(
                key=f"{at}", name=name, url=f"https://shop.example/p/{at}", source="shop", description=f"{name}. {about}",
                price_text=prices[at % len(prices)], seller=seller, country=known if len(known) == 2 else None,
            )  # fmt: skip


def walk(record, context, spent):
    """Milliseconds of CPU, and whether the record was kept to the end."""
    began, kept = time.process_time(), True
    for step in STEPS[Listing]:
        at = time.process_time()
        try:
            record = step(record, context)
        except Rejection:
            kept = False
            break
        finally:
            spent.setdefault(step.__name__, []).append((time.process_time() - at) * 1000)
    return (time.process_time() - began) * 1000, kept


def main():
    context = Context(as_of=date(2026, 11, 25), products=tuple(load_products().values()), hints={"shop": SourceHint(role="retailer")})
    spent, walked = {}, []
    for at, record in enumerate(listings(Path(sys.argv[1]))):
        walked.append(walk(record, context, spent))
        if at == 0:
            spent.clear()
    (first, _), *rest = walked
    times, whole = [cost for cost, _ in rest], [cost for cost, kept in rest if kept]
    print(f"{len(times)} listings: median {median(times):.2f} ms, p95 {quantiles(times, n=20)[-1]:.2f} ms, the first {first:.0f} ms")
    print(f"{len(whole)} of them walked all steps: median {median(whole):.2f} ms")
    for name, costs in spent.items():
        print(f"  {name}: median {median(costs):.3f} ms, mean {sum(costs) / len(costs):.3f} ms over {len(costs)}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    print(f"{'within' if median(times) <= MOST_MS else 'OVER'} {MOST_MS} ms in the median")


if __name__ == "__main__":
    main()
