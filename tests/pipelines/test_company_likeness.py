"""Looks, keys, steps and clusters of company resolution: spellings that must meet, and input of every bad kind."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.companies.average_link import average_link, joined
from pipelines.companies.edges import edges_of
from pipelines.companies.features import FEATURES, steps_of
from pipelines.companies.fitting import fit, gathered
from pipelines.companies.index import Index
from pipelines.companies.keys import CAPS, keys_of, kind_of
from pipelines.companies.learning import questions, refit
from pipelines.companies.likeness import addresses_alike, nearly
from pipelines.companies.looks import look_of, street, town
from pipelines.companies.resolve import ALONE, APART, FEW, GROWN, cluster_all, conflict_between, harder_between, resolve, stop_for
from pipelines.companies.scorecard import read_scorecard, scorecard, write_scorecard


def once(_):
    return 1


def always(*_):
    return True


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("PT. Sumber Rasa Internasional", "sumber rasa international"),
        ("Sumber Rasa Int'l, PT", "sumber rasa international"),
        ("Sdn Bhd Kawan Foods", "kawan food"),
        ("S.A. de C.V. Trivon Abarrotes", "trivon abarrote"),
        ("Kawan Foods Sdn. Bhd. (Ipoh Branch)", "kawan food"),
        ("Kawan Foods Sdn. Bhd. - Ipoh", "kawan food"),
        ("ООО «Восток Трейд»", "vostok trading"),
        ("广州华新食品有限公司", "guangzhou huaxin food"),
        ("Müller & Söhne GmbH | Official", "muller sohne"),
        ("unknown", ""),
        ("...", ""),
        ("", ""),
        ("😀", ""),
    ],
)
def test_names_are_folded_to_words(name, words):
    assert " ".join(look_of(name, city="Ipoh").words) == words


@pytest.mark.parametrize(
    "name", ["A" * 10_000, "x " * 5_000, "\0", "\0Alba\0", "PT", "Ltd Ltd Ltd", "山田ABCالشرقВосток", "🍜 Warung 🍜", "\ud800"]
)
def test_any_name_has_a_look_and_few_keys(name):
    look = look_of(name, country="ID", city=name, address=name)
    assert len(look.words) <= 12
    assert len(keys_of(look, once)) <= 60


@pytest.mark.parametrize(
    ("a", "b"),
    [("Bombay", "Mumbai"), ("Kota Jakarta", "JAKARTA"), ("München", "Muenchen"), ("دبي", "Dubai"), ("The Hague", "Den Haag")],
)
def test_towns_have_one_name(a, b):
    assert town(a) == town(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Jalan Sudirman No. 12", "Jl. Sudirman #12"),
        ("12 High Street, Floor 3", "12 HIGH ST"),
        ("Hauptstraße 7", "Hauptstr. 7"),
        ("316 N Pulaski Rd", "316 North Pulaski Road"),
    ],
)
def test_streets_are_folded(a, b):
    assert street(a) == street(b)


def test_another_house_number_is_another_address():
    assert addresses_alike(street("12 High Street"), street("14 High Street")) <= 0.5


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [("vokaria", "vokara", True), ("vokaria", "vokraia", True), ("import", "impor", True), ("jaya", "raja", False), ("abc", "abd", False)],
)
def test_words_one_letter_apart(a, b, alike):
    assert nearly(a, b) is nearly(b, a) is alike


def test_every_kind_of_key_has_a_cap():
    look = look_of(
        "Alba Tirta Foods",
        country="GB",
        city="Leeds",
        address="1 Mill Road",
        phones=("+44113",),
        domain="alba.example",
        registry=(("gb-coh", "1"),),
    )
    kinds = {kind_of(key) for key in keys_of(look, once)}
    assert kinds == set(CAPS)


TEXT = st.text(max_size=30)
LOOKS = st.builds(
    look_of,
    TEXT,
    country=st.sampled_from(["", "GB"]),
    city=TEXT,
    address=TEXT,
    phones=st.lists(TEXT, max_size=2).map(tuple),
    domain=TEXT,
    source=st.sampled_from(["", "a", "b"]),
)


@settings(max_examples=200, deadline=None)
@given(LOOKS, LOOKS)
def test_steps_are_in_range_and_the_same_both_ways(a, b):
    index = Index([a, b])
    steps = steps_of(a, b, index)
    assert steps == steps_of(b, a, index)
    assert all(0 <= step < size for step, size in zip(steps, FEATURES.values(), strict=True))


def test_five_thousand_listings_with_one_phone_are_no_company():
    looks = [look_of(f"{chr(97 + n % 26) * 3}{n} Traders", country="GB", phones=("+442079460000",)) for n in range(5_000)]
    assert max(map(len, resolve(looks).clusters)) == 1


def test_reposted_listings_are_collapsed_and_strangers_kept():
    post = look_of("Alba Tirta Ltd", country="GB", city="Leeds", source="shop")
    other = look_of("Krakatau Bricks", country="GB", city="Leeds", source="shop")
    assert resolve([post, other, post]).clusters == [[0, 2], [1]]
    assert resolve([look_of(""), look_of("")]).clusters == [[0], [1]]


def test_average_link_stops_where_a_chain_would_go_on():
    chain = {(0, 1): 5.0, (1, 2): 0.6, (2, 3): 5.0}
    assert list(joined(5, edges_of(chain), 0.0)) == [0, 0, 0, 0, 4]
    assert average_link(range(4), chain, 0.0) == [[0, 1], [2, 3]]


def test_people_come_first_and_apart_beats_together():
    edges = {(0, 1): 0.5}
    assert average_link(range(3), {}, 0.0, together=[(1, 2)]) == [[0], [1, 2]]
    assert average_link(range(2), edges, 0.0, conflict=always, together=[(0, 1)]) == [[0, 1]]
    assert average_link(range(2), edges, 0.0, together=[(0, 1)], apart={(0, 1)}) == [[0], [1]]
    assert average_link(range(2), edges, 0.0, conflict=always) == [[0], [1]]


LEEDS = {"country": "GB", "city": "Leeds"}
NAMESAKES = [
    look_of("Keppel Foods", **LEEDS, phones=("+441134960001",), address="1 Mill Road"),
    look_of("Keppel Foods", **LEEDS, phones=("+441134960002",), address="9 High Street"),
    look_of("Keppel Foods", **LEEDS, phones=("+441134960001",)),
    look_of("Keppel Foods", **LEEDS, domain="keppel.example"),
    look_of("Keppel Foods", **LEEDS, address="9 High Street", domain="keppel.example"),
]


@pytest.mark.parametrize(
    ("one", "two", "more"),
    [
        ([0], [1], APART),
        ([0], [2], 0.0),  # one phone
        ([1], [2], ALONE),  # the other's address is not known
        ([0], [3], 0.0),  # nothing of one kind is known of both
        ([1], [4], 0.0),  # one address
        ([3], [4], 0.0),  # one domain
        ([0, 2], [1, 4], APART),
        ([0, 2, 3], [1, 4], 0.0),
        ([0] * FEW, [1], APART + GROWN),
    ],
)
def test_in_a_large_market_strangers_of_one_name_must_agree_better(one, two, more):
    assert harder_between(NAMESAKES, 100_000) is None
    harder, a_little = harder_between(NAMESAKES, 1_000_000), harder_between(NAMESAKES, 10**5.5)
    assert harder(one, two) == harder(two, one) == pytest.approx(more)
    assert a_little(one, two) == pytest.approx(more / 2)


def test_groups_that_must_agree_better_join_only_where_they_do():
    def harder(one, two):
        return 2.0

    edges = {(0, 1): 1.0, (1, 2): 3.0}
    assert average_link(range(3), edges, 0.0, harder=harder) == [[0], [1, 2]]
    never = {"contradict": conflict_between(NAMESAKES)}
    assert cluster_all(4, edges_of({(0, 1): 1.0, (2, 3): 3.0}), 0.0, harder=harder, **never) == [[0], [1], [2, 3]]
    assert cluster_all(4, edges_of({(0, 1): 1.0, (2, 3): 3.0}), 0.0, **never) == [[0, 1], [2, 3]]


def test_the_stop_rises_with_the_database():
    assert stop_for(0) == stop_for(1_000) == -1.0
    assert stop_for(10_000) < stop_for(100_000) < stop_for(1_000_000)


def test_weights_are_written_and_read(tmp_path):
    write_scorecard(scorecard(), tmp_path / "card.toml", "about\nthem")
    assert read_scorecard(tmp_path / "card.toml") == scorecard()
    broken = (tmp_path / "card.toml").read_text("utf-8").replace("stem = [", "stem = [1.0, ")
    (tmp_path / "card.toml").write_text(broken, "utf-8")
    with pytest.raises(ValueError, match="stem"):
        read_scorecard(tmp_path / "card.toml")


def test_a_fit_learns_and_a_few_judgements_change_nothing():
    chance = random.Random(1)
    steps = [tuple(chance.randrange(size) for size in FEATURES.values()) for _ in range(400)]
    pairs = [(step, step[8] >= 2) for step in steps]
    card = fit(gathered(pairs), version="t")
    right = sum((card.log_odds(step) > 0) == same for step, same in pairs)
    assert right > 380
    assert card == fit(gathered(pairs), version="t")
    assert refit(card, pairs[:10], version="u") is card
    turned = refit(card, [(step, not same) for step, same in pairs], version="u", pull=1.0)
    assert sum((turned.log_odds(step) > 0) == same for step, same in pairs) < right


def test_questions_are_asked_where_an_answer_moves_most():
    odds = {(0, 1): 6.0, (0, 2): 0.1, (1, 2): 0.1, (3, 4): 0.1}
    asked = questions(odds, [[0, 1], [2], [3], [4]], 0.0)
    assert asked[0].pair in {(0, 2), (1, 2)}
    assert (1, 2) not in [question.pair for question in questions(odds, [[0, 1], [2], [3], [4]], 0.0, asked={(1, 2)})]
