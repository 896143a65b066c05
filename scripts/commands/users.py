"""`tembus users`: who may use the pages from other machines. The first operator is made here; others also on the pages."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from scripts.session import Session, WrongUse

Json = Annotated[bool, typer.Option("--json")]


def users(
    ctx: typer.Context,
    what: Annotated[list[str] | None, typer.Argument(metavar="add NAME | role NAME | disable NAME | enable NAME | reset NAME")] = None,
    role: Annotated[str, typer.Option("--role")] = "",
    printed: Annotated[bool, typer.Option("--print")] = False,
    json: Json = False,
) -> None:
    """List accounts, or change one."""
    from market_db.access.accounts import BadAccount
    from scripts.asking import choose

    session: Session = ctx.obj
    asked = list(what or ())
    if not asked:
        _list(session, as_json=json)
        return
    verb = choose(asked[0], dict.fromkeys(DOING, ""), "kind", session.words)
    if len(asked) != 2 or (verb in NEED_ROLE) != bool(role):
        raise WrongUse(session.words.say("errors.users_use"))
    try:
        DOING[verb](session, asked[1], role, printed)
    except BadAccount as error:
        raise WrongUse(session.words.say(f"accounts.{error.key}", **error.values)) from error


def _list(session: Session, *, as_json: bool) -> None:
    from market_db.access.accounts import accounts
    from scripts.screen import line, print_json

    found = accounts(session.home)
    if as_json:
        print_json([{key: value for key, value in _data(one).items() if key != "password"} for one in found])
        return
    line(session.screen, session.words.count("users.found", len(found)), "bold")
    for one in found:
        about = [session.words.say(f"user_roles.{one.role}")]
        about += [session.words.say(f"users.is_{name}") for name in ("disabled", "must_change") if getattr(one, name)]
        line(session.screen, f"{one.name}: {', '.join(about)}", "dim" if one.disabled else "", indent=2)
    if not found:
        line(session.screen, session.words.say("users.none"))


def _data(one: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(one)


def _add(session: Session, name: str, role: str, printed: bool) -> None:
    from market_db.access.accounts import add_account, plain_name
    from market_db.access.audit import from_terminal
    from scripts.export import who

    password, typed = _password(session, printed=printed)
    now = datetime.now(UTC)
    add_account(session.home, name, role, password, by=who(), now=now, must_change=not typed)
    from_terminal(session.home, "user_added", now=now, about=f"{plain_name(name)} {role}")
    session.say("users.added", name=plain_name(name), role=session.words.say(f"user_roles.{role}"))
    _show(session, password, typed=typed)


def _reset(session: Session, name: str, _role: str, printed: bool) -> None:
    from market_db.access.accounts import set_password
    from market_db.access.audit import from_terminal

    password, typed = _password(session, printed=printed)
    now = datetime.now(UTC)
    set_password(session.home, name, password, now=now, must_change=not typed)
    from_terminal(session.home, "password_reset", now=now, about=name)
    session.say("users.was_reset", name=name)
    _show(session, password, typed=typed)


def _password(session: Session, *, printed: bool) -> tuple[str, bool]:
    """A password, and whether a person typed it; made up on request, and where nobody is there to type one."""
    from getpass import getpass

    from market_db.access.passwords import made_up

    if printed or not sys.stdin.isatty():
        return made_up(), False
    typed = getpass(session.words.say("users.type") + " ", stream=sys.stderr)
    if not typed:
        return made_up(), False
    if getpass(session.words.say("users.type_again") + " ", stream=sys.stderr) != typed:
        raise WrongUse(session.words.say("users.differ"))
    return typed, True


def _show(session: Session, password: str, *, typed: bool) -> None:
    """One that was made up is shown once, on standard output."""
    if not typed:
        session.say("users.printed")
        typer.echo(password)


def _role(session: Session, name: str, role: str, _printed: bool) -> None:
    from market_db.access.accounts import set_role
    from market_db.access.audit import from_terminal

    set_role(session.home, name, role)
    from_terminal(session.home, "user_role", now=datetime.now(UTC), about=f"{name} {role}")
    session.say("users.has_role", name=name, role=session.words.say(f"user_roles.{role}"))


def _shut(session: Session, name: str, *, disabled: bool) -> None:
    from market_db.access.accounts import set_disabled
    from market_db.access.audit import from_terminal

    set_disabled(session.home, name, disabled=disabled)
    word = "disabled" if disabled else "enabled"
    from_terminal(session.home, f"user_{word}", now=datetime.now(UTC), about=name)
    session.say(f"users.was_{word}", name=name)


NEED_ROLE = frozenset({"add", "role"})
DOING: dict[str, Callable[[Session, str, str, bool], None]] = {
    "add": _add,
    "role": _role,
    "disable": lambda session, name, _role, _printed: _shut(session, name, disabled=True),
    "enable": lambda session, name, _role, _printed: _shut(session, name, disabled=False),
    "reset": _reset,
}
COMMANDS: dict[str, Callable[..., None]] = {"users": users}
