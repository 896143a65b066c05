"""JSON-LD as shops write it: good blocks are used, bad ones counted, nothing raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.extract.jsonld import MAX_BLOCK, read_blocks
from spiders.extract.nodes import MAX_DEPTH, Graph, from_jsonld, text_of, types_of

GOOD = '{"@type": "Product", "name": "Sambal"}'


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD + ";",
        '{"@type": "Product", "name": "Sambal",}',
        '{"@type": ["Product",], "name": "Sambal"}',
        "<!-- " + GOOD + " -->",
        "//<![CDATA[\n" + GOOD + "\n//]]>",
        "/* <![CDATA[ */" + GOOD + "/* ]]> */",
        "// shop data\n" + GOOD,
        '{"@type": "Product", /* name */ "name": "Sambal"}',
        "{&quot;@type&quot;: &quot;Product&quot;, &quot;name&quot;: &quot;Sambal&quot;}",
        '{"@type": "Product", "name": "Sambal", "weight": NaN}',
        '{"@type": "Product", "name": "Sam\tbal"}',
        "\ufeff" + GOOD,
    ],
)
def test_repairable_blocks_are_read(text: str) -> None:
    blocks = read_blocks([text])
    assert [value["name"].replace("\t", "") for value in blocks.values] == ["Sambal"]
    assert blocks.broken == 0


@pytest.mark.parametrize(
    "bad",
    [
        '{"name": "say "hi" there"}',
        '{"name": "cut',
        "var x = 1;",
        "<html>",
        "[" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        '"just text"',
        "42",
    ],
)
def test_a_broken_block_leaves_the_others(bad: str) -> None:
    blocks = read_blocks([bad, GOOD])
    assert [value["name"] for value in blocks.values] == ["Sambal"]
    assert blocks.broken == 1


def test_addresses_are_no_comments() -> None:
    blocks = read_blocks(['{"url": "https://toko.example/a", "name": "x",}'])
    assert blocks.values == [{"url": "https://toko.example/a", "name": "x"}]


def test_several_objects_in_one_block() -> None:
    assert len(read_blocks([GOOD + "\n" + GOOD + ";" + GOOD]).values) == 3


def test_a_block_beyond_the_cap_is_counted_and_passed_over() -> None:
    blocks = read_blocks(['{"name": "' + "x" * MAX_BLOCK + '"}', GOOD])
    assert (blocks.oversized, len(blocks.values)) == (1, 1)


def test_empty_blocks_are_not_broken() -> None:
    assert read_blocks(["", "  \n"]).broken == 0


@pytest.mark.parametrize(
    "value",
    [
        {"@graph": [{"@type": "WebSite"}, {"@type": "Product", "Name": "Sambal"}]},
        [{"@type": "WebPage", "mainEntity": {"@type": "http://schema.org/Product", "NAME": "Sambal"}}],
        {"@type": ["Thing", "https://schema.org/Product"], "name": ["Sambal", "x"]},
        {"@Type": "Product", "name": {"@value": "Sambal"}},
    ],
)
def test_products_are_found_wherever_they_are_put(value: object) -> None:
    graph = Graph()
    graph.add(from_jsonld(value))
    product = next(node for node in graph.roots if "product" in types_of(node))
    assert text_of(product.get("name")) == "Sambal"


def test_deep_values_are_cut_and_entities_resolved() -> None:
    deep: object = "x"
    for _ in range(MAX_DEPTH * 3):
        deep = {"a": deep}
    assert from_jsonld(deep) is not None
    assert text_of("Beans &amp; Rice") == "Beans & Rice"


@given(st.text(max_size=200))
def test_any_text_is_survived(text: str) -> None:
    read_blocks([text])
