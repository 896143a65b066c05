import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.values.dates import read_date, read_deadline
from market_db.values.places import country_in_address, country_name, country_of_domain, country_of_phone, iso2, iso3, read_country


@pytest.mark.parametrize(
    "text", ["Korea", "Congo", "Kongo", "Virgin Islands", "Nigerland", "Germania Inferior", "World", "EU", "in", "XX", "", "x" * 100_000]
)
def test_shared_and_unknown_names_stay_unknown(text):
    assert read_country(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Niger", "NE"),
        ("Nigeria", "NG"),
        ("Guinea", "GN"),
        ("Guinea-Bissau", "GW"),
        ("Equatorial Guinea", "GQ"),
        ("Papua New Guinea", "PG"),
        ("Georgia", "GE"),
        ("Dominica", "DM"),
        ("Dominican Republic", "DO"),
        ("Republic of Korea", "KR"),
        ("Korea, Republic of", "KR"),
        ("Korea, Democratic People's Republic of", "KP"),
        ("Congo (Brazzaville)", "CG"),
        ("Congo-Kinshasa", "CD"),
        ("UK", "GB"),
        ("U.K.", "GB"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("UAE", "AE"),
        ("Holland", "NL"),
        ("The Netherlands", "NL"),
        ("DEU", "DE"),
        ("DE", "DE"),
        ("en:united-kingdom", "GB"),
        ("Inggris", "GB"),
        ("Amerika Serikat", "US"),
        ("Tiongkok", "CN"),
        ("Jepang", "JP"),
        ("Deutschland", "DE"),
        ("Saksa", "DE"),
        ("Alemania", "DE"),
        ("Niemcy", "DE"),
        ("Tyskland", "DE"),
        ("日本", "JP"),
        ("中国", "CN"),
        ("대한민국", "KR"),
        ("ประเทศไทย", "TH"),
        ("ไทย", "TH"),
        ("भारत", "IN"),
        ("Россия", "RU"),
        ("Великобритания", "GB"),
        ("الإمارات العربية المتحدة", "AE"),
        ("السعودية", "SA"),
        ("ישראל", "IL"),
        ("Türkiye", "TR"),
        ("MALAYSIA", "MY"),
        ("Viet Nam", "VN"),
        ("Côte d’Ivoire", "CI"),
        ("Belgique / België", "BE"),
        ("Czech Republic", "CZ"),
        ("🇩🇪 Germany", "DE"),
        ("Kosovo", "XK"),
    ],
)
def test_countries_by_name_and_code(text, code):
    assert read_country(text) == code


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["1 High St", "Newmarket CB8 7AB"], "GB"),
        (["Los Angeles, CA 90012"], "US"),
        (["Speicherstadt 1", "D-20457 Hamburg"], "DE"),
        (["Jl. Contoh 1", "Medan 20112, Indonesia"], "ID"),
        (["Toronto ON M5V 2T6"], "CA"),
        (["Atlanta, Georgia"], None),
        (["Seoul, Korea"], None),
        (["Dubai - U.A.E."], "AE"),
        (["50450 Kuala Lumpur, Malaysia."], "MY"),
        (["Guangzhou China"], "CN"),
        (["Sydney NSW 2000 Australia"], "AU"),
        (["Wilmington, DE"], None),
        (["東京都, 日本"], "JP"),
        (["Auckland 1010, New Zealand", " "], "NZ"),
        ([], None),
        ([""], None),
    ],
)
def test_country_of_an_address(lines, code):
    assert country_in_address(lines) == code


def test_country_of_phone_and_domain():
    assert [country_of_phone(number) for number in ("+62215551234", "+12125550123", "+80012345678", "junk", "")] == [
        "ID",
        "US",
        None,
        None,
        None,
    ]
    hosts = {
        "www.a.co.uk": "GB",
        "a.de": "DE",
        "a.co.id": "ID",
        "a.com": None,
        "a.io": None,
        "a.co": None,
        "a.tv": None,
        "a.me": None,
        "a.ai": None,
        "a.eu": None,
        "de": None,
    }
    assert {host: country_of_domain(host) for host in hosts} == hosts


def test_names_and_codes():
    assert country_name("DE", "id") == "Jerman"
    assert country_name("HK", "en") == "Hong Kong"
    assert country_name("CN", "id") == "Tiongkok"
    assert country_name("ZZZ", "en") == "ZZZ"
    assert country_name("DE", "no-such") == "Germany"
    assert [iso3(code) for code in ("DE", "XK", "ZZ", "")] == ["DEU", "XKX", None, None]
    assert [iso2(code) for code in ("DEU", "XKX", "ZZZ", "")] == ["DE", "XK", None, None]


@pytest.mark.parametrize(
    ("text", "day", "deadline"),
    [
        ("2026-07-13+02:00", "2026-07-13", "2026-07-13"),
        ("2026-07-13T12:00:00Z", "2026-07-13", "2026-07-13T12:00:00+00:00"),
        ("2026-07-13T12:00:00+0200", "2026-07-13", "2026-07-13T12:00:00+02:00"),
        ("2026-07-13 2:30 pm", "2026-07-13", "2026-07-13T14:30:00"),
        ("20260713", "2026-07-13", "2026-07-13"),
        ("24-Jun-2026", "2026-06-24", "2026-06-24"),
        ("12 August 2026", "2026-08-12", "2026-08-12"),
        ("August 12, 2026", "2026-08-12", "2026-08-12"),
        ("3 Agustus 2026", "2026-08-03", "2026-08-03"),
        ("15 de julio de 2026", "2026-07-15", "2026-07-15"),
        ("24. června 2026", "2026-06-24", "2026-06-24"),
        ("Friday, 13th November 2026 17:00 GMT", "2026-11-13", "2026-11-13T17:00:00+00:00"),
        ("13.07.2026", "2026-07-13", "2026-07-13"),
        ("13/07/2026", "2026-07-13", "2026-07-13"),
        ("07/13/2026", "2026-07-13", "2026-07-13"),
        ("2026年7月13日", "2026-07-13", "2026-07-13"),
        ("2024-10-05", "2024-10-05", "2024-10-05"),
        ("03/04/2026", None, None),
        ("31/02/2026", None, None),
        ("2026-13-01", None, None),
        ("on:", None, None),
        ("12", None, None),
        ("May", None, None),
        ("Dec 2026", None, None),
        ("1 gatsu 18", None, None),
        ("tomorrow", None, None),
        ("", None, None),
        ("2" * 200_000, None, None),
    ],
)
def test_dates(text, day, deadline):
    assert read_date(text) == day
    assert read_deadline(text) == deadline


@settings(deadline=None)  # the first call loads tables
@given(st.text(max_size=120))
def test_no_text_breaks_places_and_dates(text):
    code = read_country(text)
    assert code is None or len(code) == 2
    country_in_address([text])
    country_of_domain(text)
    country_of_phone(text)
    day = read_date(text)
    assert day is None or len(day) == 10
    deadline = read_deadline(text)
    assert (deadline is None) is (day is None)


@settings(deadline=None)  # the first call loads tables
@given(st.dates(min_value=__import__("datetime").date(1950, 1, 1), max_value=__import__("datetime").date(2100, 12, 31)))
def test_iso_dates_come_back(day):
    assert read_date(day.isoformat()) == day.isoformat()
    assert read_date(f"{day:%Y%m%d}") == day.isoformat()
    assert read_date(f"{day.day}.{day.month}.{day.year}") == day.isoformat()
