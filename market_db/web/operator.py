"""Last night at a glance, the health of the place, and the audit: what an operator looks at in the morning, health first."""

from collections.abc import Iterable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from market_db.access.audit import deeds
from market_db.saying import Words
from market_db.web.operations import LOOK, WAITING, NightLine, Operations, SourceLook
from market_db.web.site import Site, page_of

PAGE = 100
UNREAD = ("no_key", "never", "running", "off_terms", "off", "by_hand")
"""States of sources that were not read, in the order an operator can do something about them."""


def operations_of(site: Site) -> Operations:
    """What lies behind the operator's pages. Raises HTTPException(404) where nobody handed it in."""
    if site.services.operations is None:
        raise HTTPException(404)
    return site.services.operations


def told_by(site: Site, words: Words) -> Words:
    """The command line's sentences in the reader's language."""
    return operations_of(site).words(site.home, words.language)


def glance(site: Site, request: Request) -> Response:
    """Last night on one page."""
    words, ops = site.words(request), operations_of(site)
    checks, looks, night = (
        ops.health(site.home, words.language),
        ops.register(site.home, words.language),
        ops.night(site.home, words.language),
    )
    trouble = [check for check in checks if check.status != "ok"]
    lines = sorted(night.sources, key=lambda line: (line.good, line.source)) if night else []
    return site.page(
        request,
        "operator.html",
        data={"as_of": site.access.now(), "health": checks, "night": night, "sources": _counted(looks)},
        words=words,
        told=told_by(site, words),
        checks=trouble,
        status=worst(check.status for check in checks),
        night=night,
        bad=[line for line in lines if not _went_well(line)],
        well=[line for line in lines if _went_well(line)],
        titles={look.card.name: words.source(look.card.title) for look in looks},
        look=[look for look in looks if look.group == LOOK and look.card.name not in {line.source for line in lines}],
        waiting=[look for look in looks if look.group == WAITING and look.state == "no_key"],
        unread=[(state, n) for state in UNREAD if (n := sum(look.state == state for look in looks))],
        due=sum(look.due for look in looks),
        on=sum(look.card.enabled for look in looks),
        all=len(looks),
    )


def worst(statuses: Iterable[str]) -> str:
    """The worst of all: fail before warn before ok."""
    found = set(statuses)
    return next((status for status in ("fail", "warn") if status in found), "ok")


def _went_well(line: NightLine) -> bool:
    """Whether nothing is to be looked at."""
    return line.good and line.verdict in ("ok", "running")


def _counted(looks: Iterable[SourceLook]) -> dict[str, int]:
    """State -> number of sources."""
    states = [look.state for look in looks]
    return {state: states.count(state) for state in dict.fromkeys(states)}


def health(site: Site, request: Request) -> Response:
    """Everything the doctor looks at, and what takes room."""
    words, ops = site.words(request), operations_of(site)
    checks, sizes = ops.health(site.home, words.language), ops.sizes(site.home)
    return site.page(
        request,
        "kesehatan.html",
        data={"as_of": site.access.now(), "status": worst(check.status for check in checks), "checks": checks, "sizes": sizes},
        words=words,
        checks=checks,
        status=worst(check.status for check in checks),
        counts={status: sum(check.status == status for check in checks) for status in ("fail", "warn", "ok")},
        sizes=sizes,
        most=max((one.size for one in sizes), default=0),
        root=str(site.home.root),
    )


def audit(site: Site, request: Request) -> Response:
    """Who did what, when, from where."""
    words = site.words(request)
    what, who = request.query_params.get("apa", ""), request.query_params.get("siapa", "")[:60]
    what = what if words.has(f"deeds.{what}") else ""
    page = page_of(request)
    found, total = deeds(site.home, what=what, who=who, limit=PAGE, offset=(page - 1) * PAGE)
    return site.page(
        request,
        "jejak.html",
        data={"as_of": site.access.now(), "total": total, "page": page, "deeds": found},
        words=words,
        deeds=found,
        total=total,
        kinds=[key for key in words.table["deeds"] if not key.endswith("_one")],
        what=what,
        who=who,
        page=page,
        pages=max(-(-total // PAGE), 1),
    )
