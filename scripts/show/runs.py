"""Runs on a terminal: what each brought, and on request what it refused and what was odd."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from market_db.runs import Rejection, Run, SourceIssue
from scripts.screen import is_wide, line, plain
from scripts.show.sources import STYLES
from scripts.why import why_of
from scripts.words import Words

MOST_ISSUES = 30
COUNTS = ("scraped", "stored_new", "stored_changed", "unchanged", "rejected")
FACTS = ("requests", "answers", "not_modified", "failed", "received_bytes")


def show_runs(console: Console, runs: Sequence[Run], words: Words) -> None:
    """Newest first; the id of a run stands on a line of its own where the screen is narrow."""
    line(console, words.count("runs.found", len(runs)), "bold")
    if not runs:
        line(console, words.say("runs.none"))
        return
    wide = is_wide(console)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in ("started", "source", "verdict"):
        table.add_column(words.say(f"runs.col_{name}"), no_wrap=True, overflow="ellipsis")
    for name in COUNTS if wide else ("scraped", "stored_new", "rejected"):
        table.add_column(words.say(f"runs.col_{name}"), justify="right", no_wrap=True)
    if wide:
        table.add_column(words.say("runs.col_id"), no_wrap=True)
    for run in runs:
        table.add_row(*_cells(run, words, wide=wide))
    console.print(table)
    line(console, words.say("runs.next", id=runs[0].run_id), "dim")


def _cells(run: Run, words: Words, *, wide: bool) -> list[Text]:
    mode = "" if run.mode == "live" else f" ({words.say(f'modes.{run.mode}')})"
    verdict = Text(words.say(f"verdicts.{run.verdict}"), STYLES.get(run.verdict, "")).append(mode)
    cells = [Text(words.moment(run.started)), Text(plain(run.source)), verdict]
    names = COUNTS if wide else ("scraped", "stored_new", "rejected")
    cells += [Text(words.number(getattr(run, name)) if run.counted else "–") for name in names]
    return [*cells, Text(plain(run.run_id))] if wide else cells


def show_run(console: Console, run: Run, rejections: Sequence[Rejection], issues: Sequence[SourceIssue], words: Words) -> None:
    """One run in full."""
    line(console, f"{plain(run.source)} · {words.moment(run.started)} · {words.say(f'verdicts.{run.verdict}')}", "bold")
    if run.why:
        line(console, plain(why_of(run.why, words), 1_000), indent=2)
    ended = words.moment(run.ended) if run.ended else words.say("runs.not_ended")
    line(console, words.say("runs.head", id=run.run_id, mode=words.say(f"modes.{run.mode}"), ended=ended), "dim", indent=2)
    if run.counted:
        line(console, _counts(run, COUNTS, words), indent=2)
    line(console, _counts(run, FACTS, words), indent=2)
    if not run.adds_up:
        line(console, words.say("runs.does_not_add_up"), "red", indent=2)
    coverage = ", ".join(f"{name} {share * 100:.0f}%" for name, share in run.coverage.items() if share < 1)
    if coverage:
        line(console, words.say("runs.coverage", fields=coverage), "dim", indent=2)
    _rejections(console, rejections, words)
    _issues(console, issues, words)


def _counts(run: Run, names: Sequence[str], words: Words) -> str:
    return ", ".join(f"{words.say(f'runs.col_{name}').lower()} {words.number(getattr(run, name))}" for name in names)


def _rejections(console: Console, rejections: Sequence[Rejection], words: Words) -> None:
    if rejections:
        line(console, words.say("runs.rejections"), "bold", indent=2)
    for rejection in rejections:
        example = f" · {words.say('runs.example')}: {plain(rejection.example, 160)}" if rejection.example else ""
        line(console, f"{words.number(rejection.count)} × {reason_words(rejection.reason, words)}{example}", indent=4)


def reason_words(reason: str, words: Words) -> str:
    """A reason to refuse in words; its own name where nobody wrote any."""
    key = f"reasons.{reason.replace(' ', '_')}"
    return words.say(key) if words.has(key) else plain(reason.replace("_", " "), 100)


def _issues(console: Console, issues: Sequence[SourceIssue], words: Words) -> None:
    if issues:
        line(console, words.count("runs.issues", len(issues)), "bold", indent=2)
    for issue in issues[:MOST_ISSUES]:
        line(console, f"{words.number(issue.count)} × {plain(issue.kind, 60)}: {plain(issue.detail, 300)}", indent=4)
        if issue.url:
            line(console, plain(issue.url, 500), "dim", indent=6)
    if len(issues) > MOST_ISSUES:
        line(console, words.say("runs.more_issues", n=words.number(len(issues) - MOST_ISSUES)), "dim", indent=4)


def summary(runs: Sequence[Run], words: Words) -> list[str]:
    """A crawl in one line a source, for standard error."""
    return [f"{run.source}: {words.say(f'verdicts.{run.verdict}')} · {_brief(run, words)}" for run in runs]


def _brief(run: Run, words: Words) -> str:
    if run.why and not run.counted:
        return plain(why_of(run.why, words), 300)  # nobody answered: a 0 would say that nothing was found
    counts: Mapping[str, str] = {name: words.number(getattr(run, name)) for name in COUNTS}
    said = words.say("runs.brief", **counts)
    return f"{said} · {plain(why_of(run.why, words), 300)}" if run.why and run.verdict != "ok" else said
