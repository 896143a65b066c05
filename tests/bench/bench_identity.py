"""Which system tells best and fastest which listings are one company: ours, plain rules, and Splink 5 on DuckDB, one after the other.

    python tests/bench/bench_identity.py FILE [--only ours|rules|splink ...] [--json]

FILE is in the listing generator's format. Each system runs in a process of its own, with the same columns, folded by the same code, and
is timed from those columns to its clusters (seconds and CPU; reading and folding is printed beside it, once). Splink (`pip install
-e .[bench]`) is set up as its documentation advises: exact values with term frequencies, levels of name likeness, blocking on eight
rules, u by sampling, m by expectation maximisation; of the thresholds THRESHOLDS the one with the best sum of pairwise and B-cubed F1 is
shown, which the truth chose and so favours it. The rules are those a careful person would write, joined by union-find.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

from pipelines.companies.average_link import joined
from pipelines.companies.resolve import resolve
from scripts.evaluation.company_figures import figures
from scripts.evaluation.company_rows import read_labelled

THRESHOLDS = (0.5, 0.9, 0.95, 0.99, 0.999, 0.9999)
BLOCK = 100
"""Listings that share a value and are still compared by the rules."""
RARE = 60


# ---- ours ---------------------------------------------------------------------------------------------------------------------------


def ours(looks, truth):
    return resolve(looks).clusters, {}


# ---- rules --------------------------------------------------------------------------------------------------------------------------


def rules(looks, truth):
    """Same phone, site or address and a word of the name in common; or the same name in the same town."""
    blocks = defaultdict(list)
    for number, look in enumerate(looks):
        name = " ".join(sorted(set(look.words)))
        blocks["name", look.country, look.city, name].append(number)
        for kind, value in (("domain", look.domain), ("address", look.address), *(("phone", phone) for phone in look.phones)):
            blocks[kind, value].append(number)
    pairs = (
        (a, b)
        for key, block in blocks.items()
        if len(block) <= BLOCK
        for a, b in combinations(block, 2)
        if _one(key[0], looks[a], looks[b])
    )
    roots = joined(len(looks), ((a, b, 1.0) for a, b in pairs), 0.0)
    return _grouped(roots), {}


def _one(kind, a, b):
    if a.country and b.country and a.country != b.country:
        return False
    return bool(a.words) and bool(a.city) if kind == "name" else not set(a.words).isdisjoint(b.words)


def _grouped(roots):
    found = defaultdict(list)
    for number, root in enumerate(roots):
        found[root].append(number)
    return list(found.values())


# ---- Splink -------------------------------------------------------------------------------------------------------------------------


def splink(looks, truth):
    import duckdb
    from splink import DuckDBAPI, Linker, block_on

    con = duckdb.connect()
    con.execute("set threads=2")
    _table(con, looks)
    linker = Linker(DuckDBAPI(con).register("listings_in"), _settings())
    train = linker.training
    exact = [block_on("phone", "name"), block_on("domain", "name"), block_on("iso", "name", "city"), block_on("iso", "name", "address")]
    train.estimate_probability_two_random_records_match(exact, recall=0.5)
    train.estimate_u_using_random_sampling(max_pairs=2e7 if len(looks) > 50_000 else 5e6)
    for rule in (block_on("phone"), block_on("iso", "name"), block_on("iso", "address")):
        train.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_probability=0.01)
    sql = f"select unique_id_l, unique_id_r, match_probability from {predicted.physical_name}"
    edges = [(min(a, b), max(a, b), odds) for a, b, odds in con.execute(sql).fetchall()]
    done = time.monotonic(), _cpu()
    tried = {threshold: _grouped(joined(len(looks), edges, threshold)) for threshold in THRESHOLDS}
    figure = {threshold: figures(truth, clusters) for threshold, clusters in tried.items()}
    best = max(THRESHOLDS, key=lambda threshold: figure[threshold]["bcubed"]["f1"] + figure[threshold]["pairwise"]["f1"])
    return tried[best], {"threshold": best, "done": done}


def _table(con, looks):
    """The columns as Splink wants them: null for what is unknown."""
    often = Counter(word for look in looks for word in set(look.words))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.json"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(_row(number, look, often)) + "\n" for number, look in enumerate(looks))
        types = dict.fromkeys(("name", "flat", "rare2", "rare1", "phone", "domain", "iso", "city", "city4", "pre", "address"), "VARCHAR")
        types |= {"unique_id": "BIGINT", "words": "VARCHAR[]", "rare": "VARCHAR[]"}
        columns = ", ".join(f"{name}: '{kind}'" for name, kind in types.items())
        con.execute(f"create table listings_in as select * from read_json('{path}', format='newline_delimited', columns={{{columns}}})")


def _row(number, look, often):
    words = sorted(set(look.words))
    ranked = sorted(words, key=lambda word: (often[word], word))
    return {
        "unique_id": number,
        "name": " ".join(words) or None,
        "flat": look.flat or None,
        "words": words,
        "rare": [word for word in words if often[word] <= RARE and len(word) > 3] or None,
        "rare2": "|".join(sorted(ranked[:2])) if len(words) > 1 else None,
        "rare1": ranked[0] if ranked else None,
        "phone": look.phones[0] if look.phones else None,
        "domain": look.domain or None,
        "iso": look.country or None,
        "city": look.city or None,
        "city4": look.city[:4] or None,
        "pre": look.flat[:7] or None,
        "address": look.address or None,
    }


def _settings():
    import splink.comparison_level_library as level
    import splink.comparison_library as compare
    from splink import SettingsCreator, block_on

    def exact(column):
        return compare.ExactMatch(column).configure(term_frequency_adjustments=True)

    def custom(name, *levels):
        return compare.CustomComparison(output_column_name=name, comparison_levels=[level.NullLevel(name), *levels, level.ElseLevel()])

    shared = "len(list_intersect(words_l, words_r))"
    name = custom(
        "name",
        level.ExactMatchLevel("name", term_frequency_adjustments=True),
        level.JaroWinklerLevel("flat", 0.96),
        level.CustomLevel(f"{shared} >= 2 and {shared} = least(len(words_l), len(words_r))", label_for_charts="one holds the other"),
        level.JaroWinklerLevel("flat", 0.90),
        level.CustomLevel("len(list_intersect(coalesce(rare_l, []), coalesce(rare_r, []))) >= 1", label_for_charts="a rare word"),
        level.CustomLevel(f"{shared} >= 1", label_for_charts="a word"),
    )
    address = custom("address", level.ExactMatchLevel("address"), level.JaroWinklerLevel("address", 0.92))
    near = level.CustomLevel("city4_l = city4_r", label_for_charts="four letters")
    city = custom("city", level.ExactMatchLevel("city", term_frequency_adjustments=True), near)
    blocks = [("phone",), ("domain",), ("iso", "name"), ("iso", "pre"), ("iso", "rare2"), ("iso", "city4", "rare1"), ("iso", "address")]
    rare = block_on("iso", "rare", arrays_to_explode=["rare"])
    return SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[*(block_on(*columns) for columns in blocks), rare],
        comparisons=[name, exact("phone"), exact("domain"), compare.ExactMatch("iso"), city, address],
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )


# ---- side by side -------------------------------------------------------------------------------------------------------------------

SYSTEMS = {"ours": ours, "rules": rules, "splink": splink}


def measured(path, name):
    """Figures of one system in this process."""
    listings = read_labelled(path)
    read = _cpu()
    began = time.monotonic()
    clusters, more = SYSTEMS[name](listings.looks, listings.truth)
    ended, spent = more.pop("done", None) or (time.monotonic(), _cpu())
    figure = figures(listings.truth, clusters)
    rss = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    return (
        figure
        | more
        | {"system": name, "seconds": round(ended - began, 1), "cpu": round(spent - read, 1), "read_cpu": round(read, 1), "mb": round(rss)}
    )


def _cpu():
    return time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--only", action="append", choices=SYSTEMS, default=[])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.json and len(options.only) == 1:
        print(json.dumps(measured(options.file, options.only[0])))
        return
    print(
        f"{'system':8} {'P':>6} {'R':>6} {'F1':>6} {'B3':>6} {'wrong':>5} {'s':>7} {'CPU s':>7} {'MB':>6}  (+ reading, CPU s)", flush=True
    )
    for name in options.only or SYSTEMS:
        command = [sys.executable, __file__, str(options.file), "--only", name, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{name:8} did not run: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}")
            continue
        found = json.loads(done.stdout.strip().splitlines()[-1])
        pair, cube = found["pairwise"], found["bcubed"]["f1"]
        line = f"{name:8} {pair['precision']:.4f} {pair['recall']:.4f} {pair['f1']:.4f} {cube:.4f} {found['largest_wrong']:5}"
        print(f"{line} {found['seconds']:7} {found['cpu']:7} {found['mb']:6}  (+ {found['read_cpu']})", flush=True)


if __name__ == "__main__":
    main()
