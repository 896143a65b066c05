"""`tembus serve`: the pages for people who do not use a terminal."""

import re
import socket
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Annotated

import typer

from scripts.session import Session, WrongUse

if TYPE_CHECKING:
    from market_db.web.access import Access

PORT = 8350
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def serve(
    ctx: typer.Context,
    *,
    host: Annotated[str, typer.Option("--host")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65_535)] = PORT,
    name: Annotated[list[str] | None, typer.Option("--name")] = None,
    proxy: Annotated[list[str] | None, typer.Option("--proxy")] = None,
    open_: Annotated[bool, typer.Option("--open")] = False,
) -> None:
    """Serve the pages."""
    from scripts.serve import run

    session: Session = ctx.obj
    bound = "127.0.0.1" if host.lower() == "localhost" else host.strip("[]")
    names = tuple(_host(session, one) for one in (*(name or ()), *session.home.config.host_names))
    proxies = tuple(_proxy(session, one) for one in (*(proxy or ()), *session.home.config.proxies))
    access = _access(session, bound, names)
    _check_address(session, bound)

    def ready(at: int) -> None:
        url = f"http://{_shown(names[0] if names else bound)}:{at}/"
        session.say("serve.ready", url=url)
        if access.login:
            session.say("serve.behind" if proxies else "serve.plain")
        if open_:
            import webbrowser

            webbrowser.open(url)

    run(session.home, bound, port, ready, access=access, proxies=proxies)


def _check_address(session: Session, host: str) -> None:
    """Raises WrongUse where this machine has no such address."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listening:
            listening.bind((host, 0))
    except OSError as error:
        raise WrongUse(session.words.say("errors.serve_bad_host", value=host)) from error


def _access(session: Session, bound: str, names: tuple[str, ...]) -> "Access":
    """Without login where only this machine can reach it under its own names. Raises WrongUse with what is missing."""
    from market_db.access.accounts import accounts
    from market_db.web.access import LOOPBACK_NAMES, Accounts, OwnMachine, is_loopback
    from scripts.export import who

    if is_loopback(bound) and not names:
        return OwnMachine(who())
    if not names:
        raise WrongUse(session.words.say("errors.serve_name", value=bound))
    if not any(one.role == "operator" and not one.disabled for one in accounts(session.home)):
        raise WrongUse(session.words.say("errors.serve_user"))
    return Accounts(session.home, LOOPBACK_NAMES | frozenset(names))


def _host(session: Session, name: str) -> str:
    """A host name or address as browsers send it. Raises WrongUse."""
    found = name.strip().lower().rstrip(".")
    if len(found) < 254 and all(_LABEL.fullmatch(part) for part in found.split(".")):
        return found
    return f"[{_parsed(session, 'serve_bad_name', name, lambda: ip_address(found.strip('[]')))}]"


def _proxy(session: Session, value: str) -> str:
    """An address or network of a proxy; "everybody" would let anybody name any address. Raises WrongUse."""
    found = _parsed(session, "serve_bad_proxy", value, lambda: ip_network(value.strip()))
    return found.removesuffix("/32").removesuffix("/128")


def _parsed(session: Session, key: str, value: str, parse: Callable[[], object]) -> str:
    try:
        return str(parse())
    except ValueError as error:
        raise WrongUse(session.words.say(f"errors.{key}", value=value)) from error


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


COMMANDS: dict[str, Callable[..., None]] = {"serve": serve}
