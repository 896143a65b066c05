"""The brief as one HTML file that needs nothing else: style and drawings are inside, and it prints on one A4 page."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, Template
from markupsafe import Markup

from market_db.brief import Brief, Chart, Rect

LETTER = 4.2
"""Height of letters in units of a chart."""


def to_html(brief: Brief) -> str:
    """The page; every text from outside is escaped."""
    return _template().render(brief=brief, svg=to_svg)


@cache
def _template() -> Template:
    env = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return env.get_template("page.html")


def to_svg(chart: Chart) -> Markup:
    """A chart as SVG, readable aloud by its title."""
    parts = [
        Markup('<svg viewBox="0 0 100 {height:.1f}" role="img" aria-label="{title}" xmlns="http://www.w3.org/2000/svg">').format(
            height=chart.height, title=chart.title
        )
    ]
    for mark in chart.marks:
        if isinstance(mark, Rect):
            box = Markup('<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" fill="{colour}"/>')
            parts.append(box.format(x=mark.x, y=mark.y, width=mark.width, height=mark.height, colour=mark.colour))
        else:
            text = Markup('<text x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}" font-size="{size}"{weight}>{text}</text>')
            weight = Markup(' font-weight="bold"') if mark.strong else ""
            parts.append(text.format(x=mark.x, y=mark.y, anchor=mark.anchor, size=LETTER, weight=weight, text=mark.text))
    return Markup("").join([*parts, Markup("</svg>")])
