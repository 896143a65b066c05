"""Dates of boards and shops in many languages: counted from the fetch, in the source's order and zone, never filled in by today."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.values.dates import Habit, read_date, read_deadline
from market_db.values.relative_dates import read_relative

NOW = datetime(2026, 11, 26, 12, 5, tzinfo=UTC)
FETCHED = datetime(2026, 3, 10, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2026-03-10"),
        ("Yesterday", "2026-03-09"),
        ("tomorrow", "2026-03-11"),
        ("2 days ago", "2026-03-08"),
        ("Posted: 3 days ago", "2026-03-07"),
        ("1 week ago", "2026-03-03"),
        ("5 hours ago", "2026-03-10"),
        ("21 hours ago", "2026-03-09"),
        ("in 5 days", "2026-03-15"),
        ("3 days left", "2026-03-13"),
        ("hari ini", "2026-03-10"),
        ("kemarin", "2026-03-09"),
        ("3 hari yang lalu", "2026-03-07"),
        ("2 minggu lalu", "2026-02-24"),
        ("5 hari lagi", "2026-03-15"),
        ("2 hari lepas", "2026-03-08"),
        ("vor 3 Tagen", "2026-03-07"),
        ("vor 1 Woche", "2026-03-03"),
        ("gestern", "2026-03-09"),
        ("noch 4 Tage", "2026-03-14"),
        ("il y a 2 jours", "2026-03-08"),
        ("dans 3 jours", "2026-03-13"),
        ("hier", "2026-03-09"),
        ("hace 2 días", "2026-03-08"),
        ("dentro de 4 días", "2026-03-14"),
        ("há 3 dias", "2026-03-07"),
        ("3 dias atrás", "2026-03-07"),
        ("2 giorni fa", "2026-03-08"),
        ("tra 2 giorni", "2026-03-12"),
        ("2 dagen geleden", "2026-03-08"),
        ("gisteren", "2026-03-09"),
        ("för 3 dagar sedan", "2026-03-07"),
        ("for 3 dage siden", "2026-03-07"),
        ("for 2 dager siden", "2026-03-08"),
        ("3 päivää sitten", "2026-03-07"),
        ("2 dni temu", "2026-03-08"),
        ("před 3 dny", "2026-03-07"),
        ("3 napja", None),
        ("acum 2 zile", "2026-03-08"),
        ("3 gün önce", "2026-03-07"),
        ("dün", "2026-03-09"),
        ("3 дня назад", "2026-03-07"),
        ("вчера", "2026-03-09"),
        ("через 2 дня", "2026-03-12"),
        ("2 дні тому", "2026-03-08"),
        ("منذ 3 أيام", "2026-03-07"),
        ("منذ ٣ أيام", "2026-03-07"),
        ("לפני 3 ימים", "2026-03-07"),
        ("3日前", "2026-03-07"),
        ("2天前", "2026-03-08"),
        ("３天前", "2026-03-07"),
        ("昨天", "2026-03-09"),
        ("5일 전", "2026-03-05"),
        ("어제", "2026-03-09"),
        ("3 วันที่แล้ว", "2026-03-07"),
        ("2 ngày trước", "2026-03-08"),
        ("hôm qua", "2026-03-09"),
        ("πριν από 3 ημέρες", "2026-03-07"),
        ("χθες", "2026-03-09"),
        # no day is named, or nothing says which way
        ("2 months ago", None),
        ("a year ago", None),
        ("3 days", None),
        ("for 3 days", None),
        ("ha 3", None),
        ("shelf life 12 months", None),
        ("delivery 3 days ago or in 2 days", None),
        ("recently", None),
        ("May", None),
        ("12", None),
        ("Dec 2026", None),
        ("9999 weeks ago", None),
        ("", None),
    ],
)
def test_days_are_counted_from_the_fetch(text, day):
    assert read_date(text, Habit(fetched=FETCHED)) == day
    assert read_deadline(text, Habit(fetched=FETCHED)) == day
    assert read_date(text) is None, "without the time of the fetch nothing is filled in"


def test_the_publishers_day_is_told_in_its_zone():
    assert read_date("today", Habit(zone="Asia/Jakarta", fetched=FETCHED)) == "2026-03-11"
    assert read_date("today", Habit(zone="America/New_York", fetched=FETCHED)) == "2026-03-10"
    assert read_date("today", Habit(zone="No/Such", fetched=FETCHED)) == "2026-03-10"


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("03/04/2026", None, None),
        ("03/04/2026", "dmy", "2026-04-03"),
        ("03/04/2026", "mdy", "2026-03-04"),
        ("03-04-2026", "dmy", "2026-04-03"),
        ("13/04/2026", "mdy", "2026-04-13"),
        ("04/13/2026", "dmy", "2026-04-13"),
        ("03.04.2026", "mdy", "2026-04-03"),
        ("31/02/2026", "dmy", None),
        ("03/04/2026", "ymd?", None),
    ],
)
def test_the_sources_order_decides_and_nothing_else_does(text, order, day):
    assert read_date(text, Habit(order)) == day


@pytest.mark.parametrize(
    ("text", "zone", "deadline"),
    [
        ("2026-07-13 12:00", "Europe/Oslo", "2026-07-13T12:00:00+02:00"),
        ("2026-01-13 12:00", "Europe/Oslo", "2026-01-13T12:00:00+01:00"),
        ("13 Juli 2026 pukul 15:00", "Asia/Jakarta", "2026-07-13T15:00:00+07:00"),
        ("2026-07-13T12:00:00Z", "Asia/Jakarta", "2026-07-13T12:00:00+00:00"),
        ("2026-07-13 12:00", None, "2026-07-13T12:00:00"),
        ("2026-07-13", "Europe/Oslo", "2026-07-13"),
        ("2026-03-29 02:30", "Europe/Oslo", "2026-03-29T02:30:00"),
        ("2026-10-25 02:30", "Europe/Oslo", "2026-10-25T02:30:00"),
    ],
)
def test_deadlines_keep_their_zone(text, zone, deadline):
    assert read_deadline(text, Habit(zone=zone)) == deadline


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("13 Juli 2026", "2026-07-13"),
        ("13 juillet 2026", "2026-07-13"),
        ("13 de julio de 2026", "2026-07-13"),
        ("13 de julho de 2026", "2026-07-13"),
        ("13 luglio 2026", "2026-07-13"),
        ("13. juli 2026", "2026-07-13"),
        ("den 13 juli 2026", "2026-07-13"),
        ("13. heinäkuuta 2026", "2026-07-13"),
        ("13 lipca 2026", "2026-07-13"),
        ("13. července 2026", "2026-07-13"),
        ("13 Temmuz 2026", "2026-07-13"),
        ("13 июля 2026 г.", "2026-07-13"),
        ("13 липня 2026", "2026-07-13"),
        ("13 يوليو 2026", "2026-07-13"),
        ("2026年7月13日", "2026-07-13"),
        ("2026년 7월 13일", "2026-07-13"),
        ("13 Julai 2026", "2026-07-13"),
        ("13 iulie 2026", "2026-07-13"),
        ("2026. július 13.", "2026-07-13"),
        ("13 Ιουλίου 2026", "2026-07-13"),
        ("13 юли 2026", "2026-07-13"),
        ("13. srpnja 2026", "2026-07-13"),
        ("13. júla 2026", "2026-07-13"),
        ("13 tháng 7 năm 2026", "2026-07-13"),
        ("13 tháng 7, 2026", "2026-07-13"),
        ("13 ביולי 2026", "2026-07-13"),
        ("12 listopada 2026", "2026-11-12"),
        ("12. listopada 2026.", "2026-10-12"),
        ("12. listopadu 2026", "2026-11-12"),
        ("2026 m. liepos 13 d.", "2026-07-13"),
        ("13 ก.ค. 2569", None),
        ("13 กรกฎาคม 2569", None),
        ("13/07/2569", None),
    ],
)
def test_written_dates_in_the_languages_of_boards(text, day):
    assert read_date(text) == day


@settings(deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_it(text):
    day = read_date(text, Habit("dmy", "Asia/Tokyo", FETCHED))
    assert day is None or len(day) == 10
    read_deadline(text, Habit("mdy", "Europe/Oslo", FETCHED))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("15 minutes before", "2026-11-26"), ("an hour ago", "2026-11-26"), ("13 hours ago", "2026-11-25"), ("3 days ago", "2026-11-23"),
        ("2 weeks ago", "2026-11-12"), ("2 months ago", None), ("vor 2 Tagen", "2026-11-24"), ("vor einer Stunde", "2026-11-26"),
        ("il y a 3 jours", "2026-11-23"), ("hace 5 días", "2026-11-21"), ("há 2 dias", "2026-11-24"), ("3 giorni fa", "2026-11-23"),
        ("5 hari yang lalu", "2026-11-21"), ("2 dagen geleden", "2026-11-24"), ("5 dni temu", "2026-11-21"), ("před 2 dny", "2026-11-24"),
        ("3 дня назад", "2026-11-23"), ("3 gün önce", "2026-11-23"), ("منذ 3 أيام", "2026-11-23"), ("قبل ١٥ دقيقة", "2026-11-26"),
        ("منذ يومين", "2026-11-24"), ("منذ ساعة", "2026-11-26"), ("3天前", "2026-11-23"), ("2時間前", "2026-11-26"), ("3일 전", "2026-11-23"),
        ("3 ngày trước", "2026-11-23"), ("RFQ received 2 days ago", "2026-11-24"), ("il y a une heure", "2026-11-26"), ("a week ago", "2026-11-19"),
        ("30 секунд назад", "2026-11-26"), ("just now", "2026-11-26"), ("valid in 2 days", None), ("Posted 1 day ago", "2026-11-25"),
        ("today", "2026-11-26"), ("Kemarin", "2026-11-25"), ("3 days", None), ("delivery in 5 days", None),
        ("99999 days ago", None), ("12 Nov 2026", None), ("", None), ("1.5 days ago", None), ("x" * 200, None),
    ],
)  # fmt: skip
def test_days_that_boards_count(text, day):
    found = read_relative(text, NOW)
    assert (found.isoformat() if found else None) == day


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_text_may_be_counted(text):
    read_relative(text, NOW)
