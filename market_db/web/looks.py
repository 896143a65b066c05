"""How values look on a page: printable text, links that are safe to follow, bars and charts drawn on the server."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from market_db.buyer_facts import Goods
from market_db.exports.text import mail_link, short_address, web_link
from market_db.proof_words import goods_in, is_quote, register_in, role_proof_in
from market_db.saying import Words
from market_db.values.text import clean


def plain(value: object, limit: int = 300) -> str:
    """One line of printable text: no control characters, no direction tricks; an end that was left out reads as one."""
    shown = clean(str(value), limit + 1)
    return shown if len(shown) <= limit else f"{shown[: limit - 1].rstrip()}…"


def isolated(value: object, limit: int = 300) -> Markup:
    """The same in a direction of its own, so that an Arabic name does not turn its line around."""
    return Markup("<bdi>{}</bdi>").format(plain(value, limit))


def link(url: str | None, text: object = None, limit: int = 80) -> Markup:
    """A link to a page elsewhere where the address is a plain http(s) one, else its text."""
    shown = plain(text if text is not None else short_address(url or ""), limit)
    safe = web_link(url)
    if safe is None:
        return escape(shown)
    return Markup('<a class="out" href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>').format(safe, shown)


def role_proof(text: str, language: str) -> Markup:
    """What proves a role: a quote of its source as one, a sentence of ours in the language."""
    shown = plain(role_proof_in(text, language))
    return Markup('<q class="quote">{}</q>').format(shown) if is_quote(text) else Markup('<span class="dim">{}</span>').format(shown)


def contact(kind: str, value: str) -> Markup:
    """A contact to click on."""
    if kind == "website":
        return link(value)
    shown = plain(value, 200)
    if kind == "email" and (href := mail_link(value)):
        return Markup('<a href="{}">{}</a>').format(href, shown)
    digits = value[1:] if value.startswith("+") else ""
    if kind == "phone" and digits.isascii() and digits.isdigit():
        return Markup('<a href="tel:{}">{}</a>').format(value, shown)
    return escape(shown)


def bar(value: float | None, most: float = 100.0, kind: str = "") -> Markup:
    """A number as a bar; anything above nothing shows a little. The number stands beside it, so readers of the page skip the bar."""
    share = min(max((value or 0.0) / most, 0.0), 1.0) if most > 0 else 0.0
    return _bar(round(max(share * 100, 2.0 if share > 0 else 0.0), 1), kind)


@lru_cache(maxsize=4096)
def _bar(width: float, kind: str) -> Markup:
    # A page of the list shows seven a row: drawing each anew is a fifth of the page's time.
    return Markup(
        '<svg class="bar {}" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="rail" width="100" height="10"/><rect class="fill" width="{:.1f}" height="10"/></svg>'
    ).format(kind, width)


ICONS = {
    "email": "M2 4h16v12H2zM2 5l8 6 8-6",
    "phone": "M5 2l3 4-2 3c1 2 3 4 5 5l3-2 4 3-2 3C9 18 2 11 2 4z",
    "website": "M10 2a8 8 0 100 16 8 8 0 000-16zM2 10h16M10 2c-5 5-5 11 0 16M10 2c5 5 5 11 0 16",
}


@lru_cache(maxsize=64)
def icon(kind: str, label: str) -> Markup:
    """A drawn sign with its meaning for those who cannot see it."""
    return Markup('<svg class="icon" viewBox="0 0 20 20" role="img" aria-label="{0}"><title>{0}</title><path d="{1}"/></svg>').format(
        label, ICONS[kind]
    )


WIDTH, HEIGHT, FOOT, HEAD = 560, 170, 22, 18


def columns(values: Sequence[tuple[str, float, str]], label: str) -> Markup:
    """A chart of (period, value, value in words), oldest first, with the largest as scale. The table under it says the same."""
    most = max((value for _, value, _ in values), default=0.0)
    if most <= 0:
        return Markup("")
    step = WIDTH / len(values)
    parts = Markup("").join(_column(at, step, one, most) for at, one in enumerate(values))
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(WIDTH, HEIGHT, label, parts)


def _column(at: int, step: float, one: tuple[str, float, str], most: float) -> Markup:
    period, value, told = one
    height = max(value, 0.0) / most * (HEIGHT - FOOT - HEAD)
    width, left, top = min(step * 0.7, 60.0), at * step, HEIGHT - FOOT - height
    middle = left + step / 2
    return Markup(
        '<g><title>{title}</title><rect class="fill" x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}"/>'
        '<text class="told" x="{m:.1f}" y="{t:.1f}">{told}</text><text x="{m:.1f}" y="{f}">{period}</text></g>'
    ).format(
        title=f"{period}: {told}",
        x=middle - width / 2,
        y=top,
        w=width,
        h=height,
        m=middle,
        t=top - 4,
        told=told,
        f=HEIGHT - 6,
        period=period,
    )


def room(size: int, words: Words) -> str:
    """Bytes in the unit people read: 1,2 MB."""
    value, units = float(size), iter(("B", "kB", "MB", "GB"))
    unit = next(units)
    for larger in units:
        if value < 1_000:
            break
        value, unit = value / 1_000, larger
    return f"{words.number(value, 0 if unit in ('B', 'kB') or value >= 100 else 1)} {unit}"


def licence(name: str, words: Words, *, after: bool = False) -> str:
    """A licence by its own name, or that nobody knows one; `after` the word "licence" without it."""
    return plain(name, 120) if name != "unknown" else words.say("register.unstated" if after else "register.licence_unknown")


def pack(goods: Goods, words: Words) -> str:
    """The pack as printed, else what was read of it: 370 g, 1,5 kg, 700 ml."""
    if goods.pack_text:
        return plain(goods.pack_text, 60)
    for amount, small, large in ((goods.net_grams, "g", "kg"), (goods.net_millilitres, "ml", "l")):
        if amount:
            whole = amount < 1_000
            shown = amount if whole else amount / 1_000
            return f"{words.number(shown, 0 if shown == int(shown) else 1)} {small if whole else large}"
    return words.no_data


FILTERS: dict[str, Callable[..., Any]] = {
    "plain": plain,
    "isolated": isolated,
    "link": link,
    "contact_link": lambda value, kind: contact(kind, value),
    "bar": bar,
    "role_proof": role_proof,
    "icon": icon,
    "room": room,
    "licence": licence,
    "pack": pack,
    "register": register_in,
    "goods": goods_in,
}
