import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.products import load_products
from market_db.terms import Match, find_product, find_terms
from market_db.values.text import plain

SAMBAL = load_products()["sambal"]
COFFEE = load_products()["ground_coffee"]


@pytest.mark.parametrize("product", load_products().values(), ids=lambda product: product.key)
def test_every_term_finds_itself_and_no_exclusion(product):
    for word in (word for words in product.terms.values() for word in words):
        found, against = find_product(word, product)
        assert found, word
        assert not against, (word, against)


@pytest.mark.parametrize(
    ("text", "terms", "found"),
    [
        ("ABC Sambal Asli", ["sambal"], ["sambal"]),
        ("Sambals!", ["sambal"], ["sambal"]),
        ("Sambalado", ["sambal"], []),
        ("THAI CHILLI SAUCES", ["chili sauce"], ["chili sauce"]),
        ("chile-sauce", ["chili sauce"], ["chili sauce"]),
        ("chillies sauce", ["chili sauce"], ["chili sauce"]),
        ("SweetChilli", ["sweet chili"], ["sweet chili"]),
        ("chili saus", ["chilisaus"], ["chilisaus"]),
        ("very hot. Sauce", ["hot sauce"], []),
        ("tuong ot", ["tương ớt"], ["tương ớt"]),
        ("SCHARFE SOSSE", ["scharfe soße"], ["scharfe soße"]),
        ("李锦记蒜蓉辣椒酱", ["辣椒酱"], ["辣椒酱"]),
        ("ｽｲｰﾄﾁﾘｿｰｽ 980g", ["チリソース", "スイートチリソース"], ["スイートチリソース"]),
        ("สูตรซอสพริกเผ็ด", ["ซอสพริก"], ["ซอสพริก"]),
        ("맛있는고추장입니다", ["고추장"], ["고추장"]),
        ("तीखी मिर्च सॉस 200 ग्राम", ["मिर्च सॉस"], ["मिर्च सॉस"]),
        ("hot sauce and hot sauce", ["hot sauce"], ["hot sauce", "hot sauce"]),
        ("anything", [], []),
        ("", ["x"], []),
    ],
)
def test_terms_in_texts(text, terms, found):
    assert [match.term for match in find_terms(text, terms)] == found


def test_a_match_says_where():
    assert find_terms("Best hot sauces", ["hot sauce"]) == [Match("hot sauce", 5, 15)]


@pytest.mark.parametrize(
    ("text", "wanted", "refused"),
    [
        ("Sambal Oelek 200 g", True, False),
        ("Thai Sweet Chilli Sauce", True, False),
        ("Saus Cabai Ekstra Pedas", True, False),
        ("Tương ớt Chinsu chai 250g", True, False),
        ("ｽｲｰﾄﾁﾘｿｰｽ 980g", True, False),
        ("Острый соус чили", True, False),
        ("SOS CILI MAGGI", True, False),
        ("Black Pepper Sauce", False, True),
        ("Green peppercorn sauce for steak", False, True),
        ("Beans in chili sauce", False, True),
        ("Chili con carne", False, True),
        ("Chilli powder 100g", False, True),
        ("Sambal Goreng Teri", False, True),
        ("Potato chips sambal flavour", None, True),
        ("Hot Sauce Mug", True, True),
        ("Soy sauce", False, False),
        ("Tomato ketchup", False, False),
    ],
)
def test_what_is_and_is_not_sambal(text, wanted, refused):
    found, against = find_product(text, SAMBAL)
    assert wanted is None or bool(found) is wanted
    assert bool(against) is refused


@pytest.mark.parametrize(
    ("text", "wanted", "refused"),
    [
        ("Kopi Bubuk Asli 165 g", True, False),
        ("Café moulu 250 g", True, False),
        ("Instant coffee", False, True),
        ("Sambal", False, False),
        ("咖啡粉 200克", True, False),
    ],
)
def test_the_matcher_knows_nothing_of_sauce(text, wanted, refused):
    found, against = find_product(text, COFFEE)
    assert (bool(found), bool(against)) == (wanted, refused)


@settings(deadline=None)  # the first call loads tables
@given(st.text(max_size=300))
def test_matches_lie_inside_the_folded_text_and_never_overlap(text):
    matches = find_terms(text, ("sambal", "辣", "hot sauce", "a"))
    ends = [0, *(match.end for match in matches)]
    assert all(end <= match.start < match.end <= len(plain(text, 4_000)) for end, match in zip(ends, matches, strict=False))


def test_long_texts_are_quick():
    find_product("warm", SAMBAL)
    began = time.process_time()
    for text in ("chili " * 100_000, "辣" * 500_000, "-" * 1_000_000):
        find_product(text, SAMBAL)
    assert time.process_time() - began < 5  # without a cap: minutes
