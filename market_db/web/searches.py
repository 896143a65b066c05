"""Keeping a search, and dropping it: as each person needs them."""

from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from market_db.desk.entered import KeptSearch
from market_db.desk.saved_searches import MOST_SEARCHES, TooMany, drop_search, keep_search
from market_db.values.text import clean
from market_db.web.asked import read_asked
from market_db.web.services import CannotDo
from market_db.web.site import Site, user_of

MOST_NAME = 60


def keep(site: Site, request: Request) -> Response:
    """Keep the view that was sent under a name; back to the view."""
    words = site.words(request)
    name = clean(request.state.form.get("name", ""), MOST_NAME)
    if not name:
        raise CannotDo(words.say("find.save_no_name"), 400)
    with site.shelf() as shelf:
        asked = read_asked(request.state.fields, shelf.index, "any visit")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        keep_search(site.home, KeptSearch(name=name, address=asked.url("").removeprefix("?"), entered_at=now, entered_by=_reader(request)))
    except TooMany as error:
        raise CannotDo(words.say("find.save_too_many", n=words.number(MOST_SEARCHES)), 409) from error
    return RedirectResponse(asked.url(), 303)


def drop(site: Site, request: Request) -> Response:
    """Drop a search of one's own; back to the list."""
    drop_search(site.home, _reader(request), int(request.path_params["number"]))
    return RedirectResponse("/pembeli", 303)


def _reader(request: Request) -> str:
    """Whose searches: readers keep theirs too. Raises HTTPException(403) for nobody."""
    user = user_of(request)
    if user is None:
        raise HTTPException(403)
    return user.name
