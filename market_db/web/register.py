"""The register of sources: what each is, on what terms it is read, how it is doing, and a person's decision on its terms."""

from datetime import date
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from market_db.desk.entered import SourceApproval
from market_db.desk.store import approval_history, approve_source
from market_db.history import history, run_detail, runs_page
from market_db.values.text import clean
from market_db.web.actions import form_of
from market_db.web.as_json import wants_json
from market_db.web.operations import GOOD, LOOK, OFF, WAITING, Passport, SourceLook
from market_db.web.operator import operations_of, told_by
from market_db.web.services import CannotDo
from market_db.web.site import Site, user_of

ORDER = (LOOK, WAITING, GOOD, OFF)
MOST_RUNS = 12
MOST_BASIS = 500
SAID = frozenset({"approved", "withdrawn"})


def sources(site: Site, request: Request) -> Response:
    """All sources, those that need a look first."""
    words = site.words(request)
    looks = operations_of(site).register(site.home, words.language)
    states = list(dict.fromkeys(look.state for look in sorted(looks, key=_place)))
    chosen = request.query_params.get("keadaan", "")
    chosen = chosen if chosen in states else ""
    shown = sorted((look for look in looks if chosen in ("", look.state)), key=_place)
    return site.page(
        request,
        "sumber.html",
        data={"as_of": site.access.now(), "state": chosen, "sources": shown},
        words=words,
        told=told_by(site, words),
        groups=[(group, mine) for group in ORDER if (mine := [look for look in shown if look.group == group])],
        states=[(state, sum(look.state == state for look in looks)) for state in states],
        chosen=chosen,
        unread=[] if chosen else operations_of(site).unread(site.home, words.language),
        total=len(looks),
        on=sum(look.card.enabled for look in looks),
    )


def _place(look: SourceLook) -> tuple[int, str, str]:
    return ORDER.index(look.group), look.state, look.card.title.casefold()


def _passport(site: Site, request: Request) -> Passport:
    """The source of the address. Raises HTTPException(404)."""
    words = site.words(request)
    found = operations_of(site).passport(site.home, str(request.path_params["name"]), words.language)
    if found is None:
        raise HTTPException(404)
    return found


def source(site: Site, request: Request) -> Response:
    """One source in full; of one that left the register what was read of it. Raises HTTPException(404) for one that never was."""
    words = site.words(request)
    try:
        found = _passport(site, request)
    except HTTPException:
        return _what_was_read(site, request)
    name, run = found.look.card.name, found.look.run
    with history(site.home) as db:
        runs, total = runs_page(db, source=name, limit=MOST_RUNS, offset=0) if db else ([], 0)
        newest = run_detail(db, run.run_id, name) if db and run else None
    decided, said = approval_history(site.home, name), request.query_params.get("said", "")
    return site.page(
        request,
        "sumber_satu.html",
        data={"as_of": site.access.now(), "source": found, "runs": runs, "newest": newest, "decisions": decided},
        words=words,
        told=told_by(site, words),
        passport=found,
        look=found.look,
        runs=runs,
        total=total,
        newest=newest,
        decided=decided,
        said=said if said in SAID else "",
        trouble="",
        basis="",
        today=site.access.now().date().isoformat(),
    )


def _what_was_read(site: Site, request: Request) -> Response:
    name = str(request.path_params["name"])
    with history(site.home) as db:
        read = runs_page(db, source=name, limit=1, offset=0)[1] if db else 0
    if not read or wants_json(request):
        raise HTTPException(404)
    return RedirectResponse(f"/pembacaan?{urlencode({'sumber': name})}", 303)


def decide(site: Site, request: Request) -> Response:
    """Keep who read the terms, when, and what follows from it. Raises CannotDo for a decision that says too little."""
    words, form, user = site.words(request), form_of(request), user_of(request)
    found, now = _passport(site, request), site.access.now()
    assert user is not None, "the table of rights lets nobody else in"
    what, basis = form.get("what", ""), clean(form.get("basis", ""), MOST_BASIS)
    if what not in ("approve", "withdraw") or found.look.card.name.startswith("import:"):
        raise HTTPException(400)
    read = _day(form.get("read_on", ""))
    if not basis or read is None or read > now.date() or (what == "approve" and form.get("sure") != "1"):
        raise CannotDo(words.say("register.incomplete"), 400)
    entry = SourceApproval(
        source=found.look.card.name,
        approved=what == "approve",
        terms_read=read.isoformat(),
        basis=basis,
        entered_at=now.isoformat(timespec="seconds"),
        entered_by=user.name,
    )
    approve_source(site.home, entry)
    site.record(request, "terms_approved" if entry.approved else "terms_withdrawn", entry.source)
    return RedirectResponse(f"{request.url.path.removesuffix('/ketentuan')}?said={'approved' if entry.approved else 'withdrawn'}", 303)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
