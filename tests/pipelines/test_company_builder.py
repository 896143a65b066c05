"""A company's name, country, roles, contacts and dates out of its mentions."""

import itertools

from pipelines.companies.companies import build_company, differs, ranked_names


def test_a_register_names_better_than_a_shop(mention):
    names = ranked_names(
        [
            mention("1", "ALBA TIRTA", record_kind="listing", source="shop"),
            mention("2", "Alba Tirta Ltd", source="register"),
            mention("3", "alba tirta shop", record_kind="place", source="map"),
        ]
    )
    assert names[0] == "Alba Tirta Ltd"
    assert set(names) == {"ALBA TIRTA", "Alba Tirta Ltd", "alba tirta shop"}


def test_parts_of_two_addresses_are_never_mixed(mention):
    company = build_company(
        "c1",
        [mention("1", "Alba", city="Leeds"), mention("2", "Alba", city="York", address="1 Mill Road", postcode="YO1 1AA")],
    )
    assert (company.city, company.address, company.postcode) == ("York", "1 Mill Road", "YO1 1AA")


def test_contradicting_countries_are_unknown_until_a_person_corrects_one(mention):
    both = [mention("1", "Alba", country="GB"), mention("2", "Alba", country="IE"), mention("3", "Alba")]
    assert build_company("c1", both).country is None
    assert build_company("c1", both, wrong_country={"2"}).country == "GB"
    assert build_company("c1", both[::2]).country == "GB"


def test_proven_roles_come_first_then_worth(mention):
    company = build_company(
        "c1",
        [
            mention("1", "Alba", role="supplier"),
            mention("2", "Alba", role="importer"),
            mention("3", "Alba", role="retailer", role_proof="shop=supermarket"),
        ],
    )
    assert company.roles == ("retailer", "importer", "supplier")


def test_a_wrong_role_does_not_count(mention):
    members = [mention("1", "Alba", role="importer", role_proof="x"), mention("2", "Alba", role="retailer")]
    assert build_company("c1", members, role_wrong={"1"}).roles == ("retailer",)


def test_contacts_carry_age_and_independent_sources(mention):
    company = build_company(
        "c1",
        [
            mention("1", "Alba", emails=("info@alba.example",), source="a", first_seen="2026-01-01", last_seen="2026-02-01"),
            mention("2", "Alba", emails=("info@alba.example",), source="b", first_seen="2026-03-01", last_seen="2026-04-01"),
            mention("3", "Alba", emails=("info@alba.example",), source="b", website="https://facebook.com/alba"),
        ],
    )
    (contact,) = company.contacts
    assert (contact.kind, contact.value, contact.sources) == ("email", "info@alba.example", 2)
    assert (contact.first_seen, contact.last_seen, contact.evidence_id) == ("2026-01-01", "2026-11-20T00:00:00+00:00", "e-3")


def test_share_alike_parts_mark_the_whole(mention):
    members = [mention("1", "Alba", source="register"), mention("2", "Alba", source="openstreetmap")]
    assert build_company("c1", members, share_alike={"openstreetmap"}).licences_share_alike
    assert not build_company("c1", members[:1], share_alike={"openstreetmap"}).licences_share_alike


def test_the_first_refresh_that_showed_it_stays(mention):
    before = build_company("c1", [mention("1", "Alba")], refresh_id="r1")
    assert before.since_run == "r1"
    assert build_company("c1", [mention("1", "Alba")], before=before, refresh_id="r2").since_run == "r1"


def test_order_of_mentions_does_not_matter(mention):
    members = [
        mention("1", "Alba Ltd", country="GB", role="importer", phones=("+442079460000",), city="Leeds"),
        mention("2", "ALBA", record_kind="listing", source="shop", website="https://alba.example", emails=("info@alba.example",)),
        mention("3", "Alba", record_kind="place", source="map", latitude=1.0, longitude=2.0, city="Leeds"),
    ]
    built = [build_company("c1", order) for order in itertools.permutations(members)]
    assert all(company == built[0] for company in built)
    assert not differs(built[0], built[1])
    assert differs(built[0], None)
