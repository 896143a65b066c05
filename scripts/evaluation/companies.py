"""Measure company identity on listings whose companies are known: in one go, night after night, or with questions answered."""

import argparse
import json
import random
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipelines.companies.edges import edges_of
from pipelines.companies.features import steps_of
from pipelines.companies.fitting import Steps
from pipelines.companies.index import Index
from pipelines.companies.learning import questions, refit
from pipelines.companies.resolve import cluster_all, collapse, conflict_between, harder_between, resolve, stop_for
from pipelines.companies.scorecard import Scorecard, read_scorecard, scorecard
from scripts.evaluation.company_figures import figures
from scripts.evaluation.company_nights import Cost, night_by_night
from scripts.evaluation.company_rows import COLUMNS, Labelled, read_labelled
from scripts.evaluation.measuring import CannotMeasure, peak_mb

ABOUT = "which listings are one company (CSV with the truth)"
ROUNDS = 3
"""Times the weights are refitted while questions are asked."""
WHOLE, NIGHT = "whole", "night"
"""Whose memory `max_rss_mb` is: of the program and its children, or of the process of the night that took most."""


def declare(parser: argparse.ArgumentParser) -> None:
    """Arguments of `companies`."""
    parser.add_argument("file", type=Path, help="CSV; columns as the listing generator writes them")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a line of text")
    parser.add_argument(
        "--column", action="append", default=[], metavar="NAME=COLUMN", help=f"another column for one of {', '.join(COLUMNS)}"
    )
    parser.add_argument(
        "--judgements", type=int, default=0, metavar="N", help="let the review queue ask N questions, answered from the truth"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the order in which equal questions are asked")
    parser.add_argument(
        "--incremental", type=int, default=0, metavar="N", help="feed the file in nights of N listings, in the order of `day`"
    )
    parser.add_argument(
        "--nights", type=int, metavar="K", help="with --incremental: only the last K nights; the first one brings all the rest"
    )
    parser.add_argument("--one-go", action="store_true", help="with --incremental: how well the nights agree with all in one go")
    parser.add_argument("--stop", type=float, help="log-odds an average must be above to join (default: by the number of listings)")
    parser.add_argument("--weights", type=Path, help="another scorecard")


def run(options: argparse.Namespace) -> bool:
    """Measure and print; returns True: nothing can fail on the way. Raises CannotMeasure."""
    started = time.monotonic()
    listings = read_labelled(options.file, _columns(options.column))
    if not listings.looks:
        raise CannotMeasure(f"{options.file}: no row in it, so there is nothing to measure")
    clusters, costs = _clusters(listings, options)
    result = figures(listings.truth, clusters)
    if options.one_go:
        result["one_go_f1"] = _agreement(listings, clusters)
    result |= {"seconds": round(time.monotonic() - started, 1), "cpu": _cpu(), **_memory(costs, options.nights)}
    sys.stdout.write((json.dumps(result) if options.json else _line(result)) + "\n")
    return True


def _columns(given: Sequence[str]) -> dict[str, str]:
    columns = dict(pair.partition("=")[::2] for pair in given)
    if unknown := columns.keys() - set(COLUMNS):
        raise CannotMeasure(f"--column {', '.join(sorted(unknown))}: it can be one of {', '.join(COLUMNS)}")
    return columns


def _clusters(listings: Labelled, options: argparse.Namespace) -> tuple[list[list[int]], list[Cost]]:
    """The clusters, and what each night cost where there are nights."""
    card = read_scorecard(options.weights) if options.weights else scorecard()
    stop = stop_for(len(listings.looks)) if options.stop is None else options.stop
    if options.incremental:
        return night_by_night(listings, options.incremental, options.nights)
    if options.judgements:
        return _judged(listings, options, stop, card), []
    return resolve(listings.looks, card=card, stop=stop).clusters, []


def _agreement(listings: Labelled, clusters: list[list[int]]) -> float:
    """Pairwise F1 of the clusters against those of all listings in one go."""
    whole = {number: at for at, cluster in enumerate(resolve(listings.looks).clusters) for number in cluster}
    return float(figures([whole[number] for number in range(len(whole))], clusters)["pairwise"]["f1"])


def _judged(listings: Labelled, options: argparse.Namespace, stop: float, card: Scorecard) -> list[list[int]]:
    """Clusters after the queue asked its questions in a few rounds, with the weights refitted after each."""
    kept, twins = collapse(listings.looks)
    index = Index([listings.looks[number] for number in kept])
    truth = [listings.truth[number] for number in kept]
    answers: dict[tuple[int, int], bool] = {}
    judged: list[tuple[Steps, bool]] = []
    found = resolve(index.looks, card=card, stop=stop)
    for at in range(ROUNDS):
        wanted = options.judgements * (at + 1) // ROUNDS - len(answers)
        asked = [question.pair for question in questions(found.odds, found.clusters, stop, answers, wanted)]
        random.Random(options.seed).shuffle(asked)
        answers |= {pair: truth[pair[0]] == truth[pair[1]] for pair in asked}
        judged += [(steps_of(index.looks[a], index.looks[b], index), answers[a, b]) for a, b in asked]
        found = resolve(index.looks, card=refit(card, judged, version="judged"), stop=stop)
    apart = {pair for pair, same in answers.items() if not same}
    together = [pair for pair, same in answers.items() if same]
    groups = cluster_all(
        len(kept),
        edges_of(found.odds),
        stop,
        contradict=conflict_between(index.looks),
        harder=harder_between(index.looks, len(listings.looks)),
        together=together,
        apart=apart,
    )
    return [[number for at in group for number in twins[kept[at]]] for group in groups]


def _cpu() -> float:
    """Seconds of CPU of the process and its children."""
    return round(time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]), 1)


def _memory(costs: Sequence[Cost], last: int | None) -> dict[str, Any]:
    """Largest memory, MB, and whose it is: with nights that of the process of one night, the bulk load before the last ones left out."""
    whole = peak_mb()
    if not costs:
        return {"max_rss_mb": whole, "max_rss_of": WHOLE}
    nights = costs[-last:] if last else costs
    return {
        "max_rss_mb": max(cost.max_rss_mb for cost in nights),
        "max_rss_of": NIGHT,
        "night_cpu": max(cost.cpu for cost in nights),
        "script_rss_mb": whole,
        "nights": [asdict(cost) for cost in costs],
    }


def _line(result: dict[str, Any]) -> str:
    three = "precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}"
    return (
        f"{result['n']} listings, {result['clusters']} clusters: pairwise {three.format(**result['pairwise'])};"
        f" B-cubed {three.format(**result['bcubed'])}; largest {result['largest']}, largest wrong {result['largest_wrong']};"
        f"{_beside(result)} {result['seconds']} s, {result['cpu']} s of CPU; {_held(result)}"
    )


def _held(result: dict[str, Any]) -> str:
    if result["max_rss_of"] == WHOLE:
        return f"{result['max_rss_mb']} MB"
    return f"a night took at most {result['night_cpu']} s of CPU and {result['max_rss_mb']} MB, in a process of its own"


def _beside(result: dict[str, Any]) -> str:
    return f" agreement with one go F1 {result['one_go_f1']:.4f};" if "one_go_f1" in result else ""
