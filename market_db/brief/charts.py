"""Charts of the brief as boxes and texts: bars over years, bars of origins, and the parts of the index."""

from collections.abc import Sequence

from market_db.brief import Chart, Label, Rect

INK, SOFT, OWN = "#1f5f8b", "#c9d8e4", "#c2571a"
WIDTH = 100.0
TOP, BOTTOM = 8.0, 8.0
ROW = 8.0
NAME_WIDTH = 38.0
LONGEST_NAME = 21
"""Letters of a name beside a bar; longer ones are cut."""


def columns(title: str, values: Sequence[tuple[str, float, str]], source: str, height: float = 56.0) -> Chart:
    """Columns from left to right: (label, value, value in words); the largest reaches the top, 0 has no height."""
    most = max((value for _, value, _ in values), default=0.0)
    step = WIDTH / max(len(values), 1)
    room = height - TOP - BOTTOM
    marks: list[Rect | Label] = []
    for at, (label, value, said) in enumerate(values):
        tall = room * value / most if most > 0 else 0.0
        left = at * step
        marks.append(Rect(left + step * 0.15, TOP + room - tall, step * 0.7, tall, INK))
        marks.append(Label(left + step / 2, TOP + room - tall - 1.5, said, "middle"))
        marks.append(Label(left + step / 2, height - 2, label, "middle"))
    return Chart(title, height, tuple(marks), source)


def bars(title: str, values: Sequence[tuple[str, float, str, bool]], source: str) -> Chart:
    """Bars from top to bottom: (name, value, value in words, whether it is ours); the largest fills the room."""
    most = max((value for _, value, _, _ in values), default=0.0)
    room = WIDTH - NAME_WIDTH - 22
    marks: list[Rect | Label] = []
    for at, (name, value, said, own) in enumerate(values):
        y = at * ROW + 2
        long = room * value / most if most > 0 else 0.0
        marks.append(Label(NAME_WIDTH - 2, y + 4.6, cut(name), "end", own))
        marks.append(Rect(NAME_WIDTH, y, long, ROW - 2.4, OWN if own else INK))
        marks.append(Label(NAME_WIDTH + long + 1.5, y + 4.6, said))
    return Chart(title, max(len(values), 1) * ROW + 4, tuple(marks), source)


def scores(title: str, values: Sequence[tuple[str, float | None]], source: str, unknown: str) -> Chart:
    """Scores 0..100 on a grey ground; None says that it is not known, and draws nothing."""
    room = WIDTH - NAME_WIDTH - 14
    marks: list[Rect | Label] = []
    for at, (name, score) in enumerate(values):
        y = at * (ROW - 2.5) + 2
        marks.append(Label(NAME_WIDTH - 2, y + 3.4, cut(name), "end"))
        if score is None:
            marks.append(Label(NAME_WIDTH, y + 3.4, unknown))
            continue
        marks.append(Rect(NAME_WIDTH, y, room, ROW - 4.5, SOFT))
        marks.append(Rect(NAME_WIDTH, y, room * score / 100, ROW - 4.5, INK))
        marks.append(Label(NAME_WIDTH + room + 1.5, y + 3.4, f"{score:.0f}"))
    return Chart(title, max(len(values), 1) * (ROW - 2.5) + 4, tuple(marks), source)


def cut(name: str) -> str:
    """A name that fits beside its bar."""
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…"
