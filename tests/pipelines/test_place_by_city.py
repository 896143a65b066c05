"""A firm whose address does not name its country: postcode and city tell it, behind what is stated and before site, phone and domain."""

import pytest

from market_db.seen import Party
from pipelines.placing import place_party

HAMBURG = {"address": "Musterstraße 12", "postcode": "20095", "city": "Hamburg"}


@pytest.mark.parametrize(
    ("party", "country", "basis"),
    [
        (HAMBURG, "DE", "city"),
        ({"address": "Keizersgracht 123, 1015 CJ Amsterdam"}, "NL", "city"),
        ({**HAMBURG, "country_text": "Austria"}, "AT", "stated"),
        ({**HAMBURG, "registry": "no-brreg"}, "NO", "register"),
        ({**HAMBURG, "phones_text": ("+43 1 234567890",), "website": "https://firma.at"}, "DE", "city"),
        ({"city": "Hamburg"}, None, None),
        ({"address": "12 Main Street", "city": "Springfield"}, None, None),
        ({"address": "12 Main Street", "city": "Hamburg"}, None, None),
        ({"address": "5 Elm St", "city": "Hamburg", "region": "NY 14075"}, "US", "address"),
    ],
)
def test_the_country_and_what_decided_it(party, country, basis):
    placed = place_party(Party(name="Firma (contoh)", **party))
    assert (placed.country, placed.country_basis) == (country, basis)


def test_the_sites_own_country_comes_after_the_city():
    assert place_party(Party(name="Firma (contoh)", **HAMBURG), "AT").country == "DE"
