"""What to look at before selling somewhere, as lines: flags, why goods were turned back, tenders and awards; each with source and day."""

from collections.abc import Iterator

from market_db.markets.flags import Flag
from scripts.said import Said
from scripts.screen import plain
from scripts.show.notices import notice_line
from scripts.show.refusals import MOST_REASONS, refused_line

MOST_OPEN = 5
SHARES = ("change", "unrest")


def flag_line(flag: Flag, said: Said) -> str:
    """[look out] Halal: certificate of ... (authority, checked on, link)."""
    words = said.words
    facts = {name: words.percent(float(str(value))) if name in SHARES else value for name, value in flag.facts.items()}
    title = flag.facts.get("title_id" if words.language == "id" else "title_en", "")
    dollar = flag.kind == "currency" and flag.facts.get("currency") == "USD"  # nothing rises or falls against itself
    text = words.say(
        "flag_says.currency_dollar" if dollar else f"flag_says.{flag.kind}_{flag.state}", **{**facts, "title": plain(str(title), 160)}
    )
    period = words.say("market.checked", day=words.day(flag.period)) if len(flag.period) == len("2026-11-26") else flag.period
    check = f" [{words.say('rule_states.needs_check')}]" if flag.needs_check and flag.state != "unknown" else ""
    link = f" {plain(flag.url, 200)}" if flag.url else ""
    name = words.say(f"flags.{flag.kind}")
    return f"[{words.say(f'flag_states.{flag.state}')}] {name}: {text}{check}{said.by(flag.source, period)}{link}"


def refused_lines(said: Said) -> Iterator[str]:
    """Why such goods were turned back, by reason with counts and years."""
    picture, words = said.picture, said.words
    if not picture.refused:
        return
    named = sum(one.times for one in picture.refused if one.named)
    group = sum(one.times for one in picture.refused) - named
    source = next((flag.source for flag in picture.flags if flag.kind == "refused"), "")
    yield words.say("refusals.title", named=words.number(named), group=words.number(group)) + said.by(source)
    for one in picture.refused[:MOST_REASONS]:
        yield f"– {refused_line(one, words)}"
    if len(picture.refused) > MOST_REASONS:
        yield words.say("refusals.more", n=words.number(len(picture.refused) - MOST_REASONS))
    yield words.say("refusals.meaning")


def tender_lines(said: Said) -> Iterator[str]:
    """Open tenders, the nearest deadline first, then the newest awards; each with authority, deadline or day, value, source and link."""
    picture, words = said.picture, said.words
    for fact in (*picture.notices[:MOST_OPEN], *picture.awards):
        day = words.day(fact.published) if fact.published else ""
        yield f"{notice_line(fact, words, said.today)}{said.by(fact.source, day)} {plain(fact.url, 300)}"
    if len(picture.notices) > MOST_OPEN:
        yield words.say("notices.more", n=words.number(len(picture.notices) - MOST_OPEN))
    if not picture.notices and not picture.awards:
        looked = picture.market.tenders_looked if picture.market.tenders_unknown else ""
        yield words.say({"nobody": "markets.no_tender_source", "not_run": "markets.tenders_not_run"}.get(looked, "market.no_tenders"))
