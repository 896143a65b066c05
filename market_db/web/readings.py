"""What was read: runs of all sources, one run in full, and what was odd in the newest ones with what to do about it."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from market_db.history import history, newest_runs, odd_kinds, run_detail, runs_page, verdict_counts
from market_db.runs import VERDICTS
from market_db.web.operator import operations_of, told_by
from market_db.web.site import Site, page_of

PAGE = 50
MOST_SHOWN = 30
"""Oddities of one kind; the records hold all."""


def runs(site: Site, request: Request) -> Response:
    """Runs, newest first."""
    words = site.words(request)
    source, verdict = request.query_params.get("sumber", "")[:200], request.query_params.get("hasil", "")
    verdict = verdict if verdict in VERDICTS else ""
    page = page_of(request)
    with history(site.home) as db:
        found, total = runs_page(db, source=source, verdict=verdict, limit=PAGE, offset=(page - 1) * PAGE) if db else ([], 0)
        counts = verdict_counts(db, source) if db else {}
    return site.page(
        request,
        "pembacaan.html",
        data={"as_of": site.access.now(), "source": source, "verdict": verdict, "total": total, "page": page, "runs": found},
        words=words,
        told=told_by(site, words),
        why=operations_of(site).why,
        runs=found,
        total=total,
        counts={key: counts[key] for key in VERDICTS if key in counts},
        source=source,
        verdict=verdict,
        page=page,
        pages=max(-(-total // PAGE), 1),
    )


def run(site: Site, request: Request) -> Response:
    """One run of one source."""
    words, ops = site.words(request), operations_of(site)
    with history(site.home) as db:
        found = run_detail(db, str(request.path_params["run"]), str(request.path_params["source"])) if db else None
    if found is None:
        raise HTTPException(404)
    return site.page(
        request,
        "pembacaan_satu.html",
        data={"as_of": site.access.now(), **{name: getattr(found, name) for name in ("run", "rejections", "issues", "drift")}},
        words=words,
        told=told_by(site, words),
        why=ops.why,
        reason=ops.reason,
        detail=found,
        run=found.run,
        most=MOST_SHOWN,
    )


def odd(site: Site, request: Request) -> Response:
    """What was odd in the newest run of each source, by kind."""
    words = site.words(request)
    with history(site.home) as db:
        newest = newest_runs(db) if db else {}
        kinds = odd_kinds(db, newest) if db else []
    return site.page(
        request,
        "masalah.html",
        data={"as_of": site.access.now(), "kinds": kinds},
        words=words,
        kinds=kinds,
        newest=newest,
        most=MOST_SHOWN,
    )
