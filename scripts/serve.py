"""`tembus serve`: starts the workspace on this machine, and hands it what lies above it: archived pages, forgetting, exports."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from starlette.types import ASGIApp

from market_db.exports.lists import ExportFailed
from market_db.forgetting.contact_faces import BadSuppression
from market_db.home import Home
from market_db.queries import LeadQuery, Proof
from market_db.web.access import Access, OwnMachine
from market_db.web.app import make_app
from market_db.web.services import ArchivedText, CannotDo, Services, Wish
from scripts.asking import in_words
from scripts.export import export_leads, who
from scripts.failures import sentence
from scripts.lock import AlreadyRunning, one_writer
from scripts.screen import plain_lines
from scripts.serve_market import market_brief
from scripts.serve_operations import operations, register
from scripts.show.archived import MOST_CHARACTERS, shown_text
from scripts.words import Language, Words, words_in

GRACE_SECONDS = 5
"""How long open pages may take to end when the program is stopped."""


def workspace(home: Home, access: Access | None = None) -> ASGIApp:
    """The application: for whoever `access` knows, else for the owner of this machine."""
    services = Services(archived=archived, forget=forget_wish, export=export_view, brief=market_brief, operations=operations())
    return make_app(home, services, access or OwnMachine(who()))


@contextmanager
def _told(words: Words, *kinds: type[Exception]) -> Iterator[None]:
    """Turn failures that people can do something about into their sentence."""
    try:
        yield
    except kinds as error:
        raise CannotDo(sentence(error, words)) from error


def _words(home: Home, language: Language) -> Words:
    return words_in(language, home.config.timezone)


def archived(home: Home, proof: Proof, language: Language) -> ArchivedText:
    """A page as it was seen. Raises CannotDo where the copy is gone or was erased."""
    from spiders.archive_errors import ArchiveError
    from spiders.warc_answers import archived_at

    words = _words(home, language)
    if proof.archive_file is None or proof.archive_offset is None:
        raise CannotDo(words.say("lead.no_copy"), 404)
    with _told(words, ArchiveError, OSError):
        found = archived_at(home.archive, proof.archive_file, proof.archive_offset)
    text = shown_text(home, found.answer.body, found.answer.headers.get("content-type", ""))
    return ArchivedText(plain_lines(text, MOST_CHARACTERS), found.fetched_at, len(text) > MOST_CHARACTERS)


def forget_wish(home: Home, wish: Wish, language: Language) -> int:
    """As `tembus forget`. Raises CannotDo for a wish that cannot be read, or while another process writes."""
    from scripts.forget import forget
    from spiders.archive_errors import ArchiveError

    with _told(_words(home, language), BadSuppression, AlreadyRunning, ArchiveError, OSError), one_writer(home, "forget"):
        done = forget(home, wish.kind, wish.value, by=wish.by, reason=wish.reason)
    return done.contacts + done.parties + done.records + done.texts + done.archive_records


def export_view(home: Home, query: LeadQuery, suffix: str, language: Language) -> Path:
    """As `tembus export`. Raises CannotDo when the file cannot be written."""
    words = _words(home, language)
    with _told(words, ExportFailed, OSError):
        return export_leads(home, query, words=words, filter_words=in_words(query, words, new=query.since is not None), suffix=suffix).path


def run(home: Home, host: str, port: int, ready: Callable[[int], None], *, access: Access, proxies: Sequence[str] = ()) -> None:
    """Serve until Ctrl-C; `ready` is told the port once it answers. Raises OSError where the port is taken.

    Only `proxies` may say, by X-Forwarded-For and X-Forwarded-Proto, for whom and over what they ask.
    """
    import socket

    import uvicorn

    from scripts.serve_http import Protocol

    logging.getLogger("tembus.web").addHandler(_log_to(home))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen()  # from here a browser waits instead of being refused
        ready(listening.getsockname()[1])
        threading.Thread(target=_warm, args=(home,), name="tembus-warm", daemon=True).start()
        settings = uvicorn.Config(
            workspace(home, access),
            http=Protocol,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
            # `Server` and `Date` headers and access lines tell nobody here anything
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        uvicorn.Server(settings).run(sockets=[listening])


def _warm(home: Home) -> None:
    """Load the sources' readers once, beside the first pages: the first operator of the day need not wait for them."""
    try:
        register(home, "id")
    except Exception as error:  # noqa: BLE001 - whoever asks for the page is told
        logging.getLogger("tembus.web").warning("sources: %s", error)


def _log_to(home: Home) -> logging.Handler:
    """What went wrong on the pages, in the home's logs."""
    from logging.handlers import RotatingFileHandler

    home.make()
    handler = RotatingFileHandler(home.logs / "web.log", maxBytes=2_000_000, backupCount=3, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    return handler
