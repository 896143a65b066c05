"""Accounts on a page: who may log in, with which role; made, changed, shut out and given a new password by an operator."""

from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from market_db.access.accounts import ROLES, BadAccount, accounts, add_account, plain_name, set_disabled, set_password, set_role
from market_db.access.passwords import TooBusy, made_up
from market_db.web.actions import form_of
from market_db.web.services import CannotDo
from market_db.web.site import Site, user_of

SHOWN = ("name", "role", "disabled", "must_change", "made_at", "made_by", "password_at")
"""What the records tell of an account: everything but the hash."""
SAID = frozenset({"role", "disabled", "enabled"})


def people(site: Site, request: Request) -> Response:
    """The list."""
    said = request.query_params.get("said", "")
    return _page(site, request, said=said if said in SAID else "")


def _page(site: Site, request: Request, status: int = 200, **values: Any) -> Response:
    found = accounts(site.home)
    user = user_of(request)
    shown = [
        {name: getattr(one, name) for name in ("name", "role", "disabled", "must_change", "made_at", "made_by", "password_at")}
        for one in found
    ]
    answer = site.page(
        request,
        "pengguna.html",
        status,
        data={"as_of": site.access.now(), "accounts": shown},
        accounts=found,
        roles=ROLES,
        me=user.name if user and site.access.login else "",
        **{"trouble": "", "said": "", "made": None, "typed": "", **values},
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def add(site: Site, request: Request) -> Response:
    """Make an account; its password is shown once, on this answer."""
    form, user = form_of(request), user_of(request)
    name, role, password = form.get("name", "")[:200], form.get("role", ""), made_up()
    assert user is not None, "the table of rights lets nobody else in"

    def act() -> Response:
        made = add_account(site.home, name, role, password, by=user.name, now=site.access.now())
        site.record(request, "user_added", f"{made.name} {made.role}")
        return _page(site, request, made={"name": made.name, "password": password})

    return _tried(site, request, act, typed=name)


def _tried(site: Site, request: Request, act: Callable[[], Response], typed: str = "") -> Response:
    words = site.words(request)
    try:
        return act()
    except BadAccount as error:
        return _page(site, request, 400, trouble=words.say(f"accounts.{error.key}", **error.values), typed=typed)
    except TooBusy:
        return _page(site, request, 503, trouble=words.say("login.busy"), typed=typed)


def change(site: Site, request: Request) -> Response:
    """Another role, shut out, let in again, or a new password."""
    form, user, name = form_of(request), user_of(request), plain_name(str(request.path_params["name"]))
    what = form.get("what", "")
    if what not in ("role", "disable", "enable", "reset"):
        raise HTTPException(400)
    if what != "enable" and site.access.login and user and user.name == name:
        raise CannotDo(site.words(request).say("people.not_yourself"), 409)
    return _tried(site, request, lambda: _changed(site, request, name, what, form.get("role", "")))


def _changed(site: Site, request: Request, name: str, what: str, role: str) -> Response:
    match what:
        case "role":
            set_role(site.home, name, role)
            site.record(request, "user_role", f"{name} {role}")
        case "reset":
            password = made_up()
            set_password(site.home, name, password, now=site.access.now(), must_change=True)
            site.record(request, "password_reset", name)
            return _page(site, request, made={"name": name, "password": password})
        case _:
            set_disabled(site.home, name, disabled=what == "disable")
            site.record(request, f"user_{what}d", name)
    return RedirectResponse(f"/pengguna?said={'role' if what == 'role' else f'{what}d'}", 303)
