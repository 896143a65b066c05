"""The register of sources on a terminal: passport, manners, and what the last run brought; "not run", "blocked" and 0 told apart."""

import os
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from market_db.runs import Run, SourceCard, SourceCheck
from scripts.screen import line, plain
from scripts.why import passport_text, why_of
from scripts.words import Words

if TYPE_CHECKING:
    from spiders.by_hand import Preset
    from spiders.not_read import NotRead
    from spiders.source import Source

STYLES = {
    "ok": "green",
    "thin": "yellow",
    "broken": "red",
    "blocked": "red",
    "robots": "red",
    "aborted": "yellow",
    "changed": "yellow",
    "empty": "yellow",
    "failed": "red",
}


def state_of(card: SourceCard, run: Run | None, environ: Mapping[str, str] = os.environ) -> str:
    """What a source is up to, as a key of `states`: a source that never ran is not one that found nothing."""
    if card.name.startswith("import:"):
        return "by_hand" if run is None else "imported"
    if card.terms_read is None:
        return "off_terms"
    if not card.enabled:
        return "off"
    if run is None:
        return "no_key" if card.key_env and not environ.get(card.key_env) else "never"
    if run.verdict == "not_run":
        return "no_key" if card.key_env and not environ.get(card.key_env) else "not_run"
    if run.verdict == "ok" and run.scraped == 0:
        return "ok_zero"
    return run.verdict


def show_sources(console: Console, cards: list[SourceCard], runs: Mapping[str, Run], words: Words) -> None:
    """Two lines a source: what it is, how it is doing."""
    on = sum(card.enabled for card in cards)
    line(console, words.say("sources.found", n=words.number(len(cards)), on=words.number(on)), "bold")
    for card in cards:
        run = runs.get(card.name)
        head = Text(plain(card.name), "bold").append(f"  {plain(title_of(card, words), 120)}", "not bold")
        console.print(head)
        state = state_of(card, run)
        line(console, last_run(card, run, words), STYLES.get(state, ""), indent=2)
        if run and run.why and state not in ("ok", "ok_zero", "no_key", "off", "off_terms"):
            line(console, plain(why_of(run.why, words), 400), "dim", indent=2)
        if state in ("off", "off_terms") and card.key_env and not os.environ.get(card.key_env):
            line(console, words.say("sources.key_too", key=card.key_env), "dim", indent=2)
        if state == "off" and card.note:
            line(console, plain(passport_text(card.note, words), 400), "dim", indent=2)
        if card.name.startswith("import:"):
            continue
        every, licence = words.say("sources.every", every=every_of(card, words)), plain(passport_text(card.licence, words), 60)
        line(console, f"{every} · {words.say('sources.licence')}: {licence}", "dim", indent=2)
    _show_not_read(console, words)
    line(console, words.say("sources.next"), "dim")


def _show_not_read(console: Console, words: Words) -> None:
    """What else was looked at, with the reason and what stands in for it."""
    from spiders.not_read import not_read

    line(console, words.say("sources.not_read", n=words.number(len(not_read()))), "bold")
    for one in not_read():
        console.print(Text(f"  {one.name}", "bold").append(f"  {plain(words.source(one.title), 120)}", "not bold"))
        line(console, unread_said(one, words), indent=4)


def unread_said(row: "NotRead", words: Words) -> str:
    """Why a row is not read, and what to do instead."""
    return words.say(f"sources.not_read_{row.state}", why=row.why[words.language])


def show_unread(console: Console, row: "NotRead", words: Words) -> None:
    """What was looked at and is not read, in full."""
    line(console, f"{plain(row.name)}  {plain(words.source(row.title), 200)}", "bold")
    line(console, unread_said(row, words))
    if row.home:
        line(console, f"{words.say('passport.home')}: {row.home}", indent=2, hang=2)


def unread_data(row: "NotRead", words: Words) -> dict[str, Any]:
    """Such a row with the keys of a source: what nobody knows of it is null, and `state` says why nobody reads it."""
    none = dict.fromkeys(field.name for field in fields(SourceCard))
    known = {"name": row.name, "title": row.title, "home": row.home or None, "enabled": False, "state": f"not_read_{row.state}"}
    return {**none, **known, "state_in_words": unread_said(row, words), "last_run": None}


def last_run(card: SourceCard, run: Run | None, words: Words) -> str:
    """The state in words, with when and how much."""
    state = state_of(card, run)
    values = {
        "name": card.name,
        "when": words.moment(run.started) if run else "",
        "n": words.number(run.scraped) if run else "",
        "new": words.number(run.stored_new) if run else "",
        "rejected": words.number(run.rejected) if run else "",
        "key": card.key_env or "",
        "why": _why_by_hand(card, words),
        "preset": card.name.removeprefix("import:"),
    }
    mode = f" ({words.say(f'modes.{run.mode}')})" if run and run.mode != "live" else ""
    return words.say(f"states.{state}", **values) + mode


def _preset_of(card: SourceCard) -> "Preset | None":
    """The preset behind a source whose rows come from files."""
    from spiders.by_hand import load_presets

    return load_presets().get(card.name.removeprefix("import:")) if card.name.startswith("import:") else None


def _why_by_hand(card: SourceCard, words: Words) -> str:
    """Why a board is not crawled, in the person's language."""
    preset = _preset_of(card)
    return preset.why[words.language] if preset else ""


def title_of(card: SourceCard, words: Words) -> str:
    """The title; names of sources stay, kinds of lists have one in each language."""
    preset = _preset_of(card)
    return preset.titles[words.language] if preset else words.source(card.title)


def note_of(card: SourceCard, words: Words) -> str:
    """What an operator should know, in the person's language."""
    return _why_by_hand(card, words) or passport_text(card.note, words)


def every_of(card: SourceCard, words: Words) -> str:
    """How often, in days or hours."""
    days = card.every_hours / 24
    return words.count("sources.days", round(days)) if days >= 1 else words.count("sources.hours", max(round(card.every_hours), 1))


def show_source(
    console: Console, card: SourceCard, source: "Source | None", runs: list[Run], words: Words, *, checked: SourceCheck | None = None
) -> None:
    """One passport in full."""
    line(console, f"{plain(card.name)}  {plain(title_of(card, words), 200)}", "bold")
    newest = runs[0] if runs else None
    line(console, last_run(card, newest, words), STYLES.get(state_of(card, newest), ""))
    if source is not None:
        line(console, words.say("checks.never") if checked is None else checked_said(checked, words))
    for name, value in facts_of(card, words).items():
        line(console, f"{words.say(f'passport.{name}')}: {value}", indent=2, hang=2)
    if source is not None:
        for name, value in manners_of(source, words).items():
            line(console, f"{words.say(f'passport.{name}')}: {value}", indent=2, hang=2)
    if card.note:
        line(console, f"{words.say('passport.note')}: {plain(note_of(card, words), 1_000)}", indent=2, hang=2)
    line(console, words.say("sources.runs_hint", name=card.name), "dim")


def checked_said(checked: SourceCheck, words: Words) -> str:
    """The last check, with its day."""
    said = words.say(f"checks.{checked.state}", n=words.number(checked.records or 0), detail=plain(why_of(checked.detail, words), 600))
    return words.say("checks.last", when=words.moment(checked.checked_at), said=said)


def facts_of(card: SourceCard, words: Words) -> dict[str, str]:
    """The passport: key of `passport` -> what it says."""
    return {
        "publisher": plain(title_of(card, words) if _preset_of(card) else card.publisher, 200),
        "home": plain(card.home, 500),
        "licence": plain(passport_text(card.licence, words), 200) + (f" ({words.say('passport.share_alike')})" if card.share_alike else ""),
        "attribution": plain(card.attribution, 500),
        "terms": plain(card.terms_url, 500),
        "terms_read": words.day(card.terms_read) if card.terms_read else words.say("passport.nobody"),
        "basis": plain(passport_text(card.basis, words), 200),
        "countries": ", ".join(words.country(code) for code in card.countries) or words.say("passport.world"),
        "roles": ", ".join(words.role(role) for role in card.roles) or words.no_data,
        "every": every_of(card, words) if card.every_hours else words.no_data,
        "key": _key(card, words),
    }


def _key(card: SourceCard, words: Words) -> str:
    if not card.key_env:
        return words.say("passport.no_key")
    return words.say("passport.key_set" if os.environ.get(card.key_env) else "passport.key_unset", name=card.key_env)


def manners_of(source: "Source", words: Words) -> dict[str, str]:
    """Robots and pace."""
    robots = (
        words.say("passport.robots_api", reason=plain(passport_text(source.api_robots, words), 300))
        if source.api_robots
        else words.say("passport.robots_strict")
    )
    pace = source.pace
    return {
        "hosts": ", ".join(source.hosts),
        "robots": robots,
        "pace": words.say("passport.pace_is", delay=words.number(pace.delay, 1), most=words.number(pace.max_requests)),
        "expect": words.say("passport.expect_is", least=words.number(source.expect.least), most=words.number(source.expect.most)),
        "personal": plain(passport_text(source.personal_data, words), 300),
    }
