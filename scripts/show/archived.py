"""An archived page as inert text: what was seen, with nothing in it that a terminal or a browser would run."""

import json

from market_db.desk.store import suppressed
from market_db.forgetting.silence import Silence
from market_db.home import Home
from market_db.queries import LeadDetail
from scripts.screen import plain, plain_lines
from scripts.session import Session, WrongUse
from scripts.show.lead import Numbered

MOST_CHARACTERS = 200_000
NOT_SHOWN = ("script", "style", "noscript", "template", "svg")


def show_archived(session: Session, detail: LeadDetail, number: int) -> None:
    """Print evidence `number` of a lead as text.

    Raises WrongUse where there is no such evidence or no copy of it, ArchiveError where the copy is gone or was erased.
    """
    from spiders.warc_answers import archived_at

    proofs = Numbered.of(detail).proofs
    if number > len(proofs):
        raise WrongUse(session.words.say("errors.no_evidence", value=number, most=len(proofs)))
    proof = proofs[number - 1]
    if proof.archive_file is None or proof.archive_offset is None:
        raise WrongUse(session.words.say("errors.not_archived", value=number, url=plain(proof.url)))
    found = archived_at(session.home.archive, proof.archive_file, proof.archive_offset)
    session.note(f"{plain(proof.url)} · {session.words.say('lead.fetched', when=session.words.moment(found.fetched_at))}")
    text = shown_text(session.home, found.answer.body, found.answer.headers.get("content-type", ""))
    session.screen.print(plain_lines(text, MOST_CHARACTERS), soft_wrap=True, markup=False, highlight=False)
    if len(text) > MOST_CHARACTERS:
        session.say("lead.cut", n=session.words.number(MOST_CHARACTERS))


def shown_text(home: Home, body: bytes, content_type: str) -> str:
    """The readable text of a page, without anybody who asked to be left alone: the next night archives a page that still names them."""
    from pipelines.chosen import chosen_products
    from pipelines.listed_texts import words_of_goods

    text, listed = as_text(body, content_type), suppressed(home)
    if not listed:
        return text
    # the last name within what is shown may run on behind it
    silence = Silence(listed, generic=words_of_goods(chosen_products(home.config.products)))
    return silence(text[: MOST_CHARACTERS + 1_000]) + text[MOST_CHARACTERS + 1_000 :]


def as_text(body: bytes, content_type: str) -> str:
    """The readable text of a page; of anything else the characters as they are."""
    head = body[:1_000].lstrip().lower()
    if "html" not in content_type.lower() and not head.startswith((b"<!doctype html", b"<html")):
        return _data_text(body)
    from bs4 import BeautifulSoup

    declared = content_type.lower().partition("charset=")[2].strip("\"' ") or None
    soup = BeautifulSoup(body[: MOST_CHARACTERS * 20], "lxml", from_encoding=declared)
    for tag in soup(NOT_SHOWN):
        tag.decompose()
    return soup.get_text("\n")


def _data_text(body: bytes) -> str:
    """JSON an entry a line, anything else as it is."""
    text = body.decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    except (ValueError, RecursionError):
        return text[: MOST_CHARACTERS * 4]
