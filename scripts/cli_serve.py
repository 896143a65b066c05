"""`tembus serve`: the pages for people who do not use a terminal."""

from collections.abc import Callable
from typing import Annotated

import typer

from scripts.session import Session, WrongUse

PORT = 8350


def serve(
    ctx: typer.Context,
    host: Annotated[str, typer.Option("--host")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65_535)] = PORT,
    open_: Annotated[bool, typer.Option("--open")] = False,
) -> None:
    """Serve the pages."""
    from market_db.web.access import is_loopback
    from scripts.serve import run

    session: Session = ctx.obj
    if not is_loopback(host):
        raise WrongUse(session.words.say("errors.serve_host", value=host))

    def ready(url: str) -> None:
        session.say("serve.ready", url=url)
        if open_:
            import webbrowser

            webbrowser.open(url)

    run(session.home, "127.0.0.1" if host.lower() == "localhost" else host.strip("[]"), port, ready)


COMMANDS: dict[str, Callable[..., None]] = {"serve": serve}
