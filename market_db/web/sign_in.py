"""Logging in and out, and one's own password: pages for everybody where the workspace asks who is there."""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from market_db.access.accounts import BadAccount, set_password
from market_db.access.passwords import LEAST, TooBusy
from market_db.access.sessions import LONGEST, Opened, log_in, log_out, renew
from market_db.saying import Words
from market_db.web.access import cookie_name, token_of
from market_db.web.actions import form_of
from market_db.web.services import CannotDo
from market_db.web.site import Site, address_of, user_of

_OURS = re.compile(r"/(?![/\\])[!-\[\]-~]{0,1500}")
"""A path of ours: no second slash that would make it another host, nothing that is no visible ASCII, no backslash."""
MOST_TYPED = 400
"""Characters of a field."""


def way_back(path: str) -> str:
    """Where to go after the login: a page of ours, never another host."""
    return path if _OURS.fullmatch(path) and not path.startswith(("/masuk", "/keluar")) else "/"


def ask(site: Site, request: Request) -> Response:
    """The login page; those who are in already go on."""
    if user_of(request):
        return RedirectResponse(way_back(request.query_params.get("ke", "")), 303)
    return _form(site, request, to=way_back(request.query_params.get("ke", "")))


def _form(site: Site, request: Request, status: int = 200, **values: Any) -> Response:
    shown = {"trouble": "", "name": "", "to": "/", **values}
    answer = site.page(request, "masuk.html", status, **shown)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def enter(site: Site, request: Request) -> Response:
    """Look at name and password. Whether the name exists makes no difference to the answer."""
    if not site.access.login:
        return RedirectResponse("/", 303)
    form, words = form_of(request), site.words(request)
    name, to = form.get("name", "")[:MOST_TYPED], way_back(form.get("to", ""))
    try:
        found = log_in(site.home, name, form.get("password", ""), address=address_of(request), now=site.access.now(), old=token_of(request))
    except TooBusy:
        return _form(site, request, 503, trouble=words.say("login.busy"), name=name, to=to)
    if found.account is None:
        return _refused(site, request, found, name, to)
    answer = RedirectResponse("/sandi" if found.account.must_change else to, 303)
    give(request, answer, found.token)
    return answer


def _refused(site: Site, request: Request, found: Opened, name: str, to: str) -> Response:
    words = site.words(request)
    if not found.wait:
        return _form(site, request, 401, trouble=words.say("login.wrong"), name=name, to=to)
    answer = _form(site, request, 429, trouble=_wait(found.wait, words), name=name, to=to)
    answer.headers["Retry-After"] = str(found.wait)
    return answer


def _wait(wait: int, words: Words) -> str:
    minutes, seconds = divmod(wait, 60)
    key, n = ("login.wait_minutes", minutes + 1) if minutes else ("login.wait_seconds", seconds)
    return words.say(key, n=words.number(n))


def give(request: Request, answer: Response, token: str) -> None:
    """The session's cookie: no script reads it, no other site sends it, no plain http carries it where there is https."""
    secure = request.url.scheme == "https"
    seconds = int(LONGEST.total_seconds())
    answer.set_cookie(cookie_name(request), token, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")
    answer.headers["Cache-Control"] = "no-store"


def leave(site: Site, request: Request) -> Response:
    """End the session here and in the browser."""
    user = user_of(request)
    if site.access.login and user:
        log_out(site.home, token_of(request))
        site.record(request, "logout")
    answer = RedirectResponse("/masuk", 303)
    answer.delete_cookie(cookie_name(request), path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax")
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def ask_password(site: Site, request: Request) -> Response:
    """The page on which people change their own password."""
    _need_login(site, request)
    return _password_form(site, request)


def _need_login(site: Site, request: Request) -> None:
    if not site.access.login:
        raise CannotDo(site.words(request).say("password.no_login"), 404)


def _password_form(site: Site, request: Request, status: int = 200, trouble: str = "") -> Response:
    user = user_of(request)
    return site.page(request, "sandi.html", status, trouble=trouble, forced=bool(user and user.must_change), least=LEAST)


def change_password(site: Site, request: Request) -> Response:
    """Another password, in exchange for the old one; all other sessions of that person end."""
    _need_login(site, request)
    form, words, user = form_of(request), site.words(request), user_of(request)
    assert user is not None, "the table of rights lets nobody else in"
    new, old = form.get("new", ""), form.get("old", "")
    if new != form.get("again", "") or new == old:
        return _password_form(site, request, 400, words.say("password.same" if new == old else "password.differ"))
    try:
        # asked as at the login, so that whoever finds an open page cannot guess for ever
        found = log_in(site.home, user.name, old, address=address_of(request), now=site.access.now(), deed="password_asked")
        if found.account is None:
            return _password_form(site, request, 429 if found.wait else 400, _wrong_old(found, words))
        set_password(site.home, user.name, new, now=site.access.now(), must_change=False)
    except BadAccount as error:
        return _password_form(site, request, 400, words.say(f"accounts.{error.key}", **error.values))
    except TooBusy:
        return _password_form(site, request, 503, words.say("login.busy"))
    site.record(request, "password_changed")
    answer = RedirectResponse("/", 303)
    give(request, answer, renew(site.home, user.name, address=address_of(request), now=site.access.now()))
    return answer


def _wrong_old(found: Opened, words: Words) -> str:
    return _wait(found.wait, words) if found.wait else words.say("password.old_wrong")
