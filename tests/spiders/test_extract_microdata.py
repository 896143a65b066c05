"""Microdata of a page as schema.org means it: items in items, values by element, properties that stand elsewhere."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.extract.document import Document
from spiders.extract.nodes import MAX_DEPTH, Node, nodes_of


def items(markup: str) -> list[Node]:
    return Document(f"<html><body>{markup}</body></html>".encode(), "https://toko.example/p/1", {}).microdata.roots


def only(markup: str) -> Node:
    (item,) = items(markup)
    return item


def product(inside: str) -> Node:
    return only(f'<div itemscope itemtype="https://schema.org/Product">{inside}</div>')


@pytest.mark.parametrize(
    ("inside", "value"),
    [
        ('<b itemprop="x"> Sambal Bajak </b>', " Sambal Bajak "),
        ('<meta itemprop="x" content="12.50">', "12.50"),
        ('<meta itemprop="x">', ""),
        ('<a itemprop="x" href=" /p/2 ">more</a>', "https://toko.example/p/2"),
        ('<link itemprop="x" href="http://schema.org/InStock">', "http://schema.org/InStock"),
        ('<a itemprop="x" href="http://[bad">more</a>', "http://[bad"),
        ('<img itemprop="x" src="//cdn.example/a.jpg" alt="a">', "https://cdn.example/a.jpg"),
        ('<object itemprop="x" data="a.swf"></object>', "https://toko.example/p/a.swf"),
        ('<data itemprop="x" value="8991">barcode</data>', "8991"),
        ('<time itemprop="x" datetime="2026-11-27">today</time>', "2026-11-27"),
        ('<span itemprop="x" content="12.50">Rp 12,50</span>', "12.50"),
        ('<span itemprop="x"><i>$</i><b>12</b>.<sup>50</sup></span>', "$ 12. 50"),
        ('<span itemprop="x">Sambal <i>(hot</i>), <b>350 g</b></span>', "Sambal (hot), 350 g"),
        ('<span itemprop="x">a<script>b</script><style>c</style> d</span>', "a d"),
        ('<span itemprop="x"></span>', ""),
    ],
)
def test_a_value_is_read_as_its_element_has_it(inside: str, value: str) -> None:
    assert product(inside)["x"] == value


def test_names_lose_their_vocabulary_and_several_names_share_a_value() -> None:
    assert product('<b itemprop="schema:name https://schema.org/Alternate">S</b>') == {
        "name": "S",
        "alternate": "S",
        "@type": ["https://schema.org/Product"],
    }


def test_a_property_given_twice_is_a_list() -> None:
    assert product('<b itemprop="color">red</b><b itemprop="color">green</b>')["color"] == ["red", "green"]


def test_an_item_in_an_item_is_its_property_and_no_item_of_its_own() -> None:
    node = product('<p><span itemprop="offers" itemscope itemtype="Offer"><b itemprop="price">5</b></span></p><b itemprop="name">S</b>')
    (offer,) = nodes_of(node["offers"])
    assert offer == {"price": "5", "@type": ["Offer"]}
    assert node["name"] == "S"


def test_an_item_in_an_item_without_a_name_stands_by_itself() -> None:
    outer, inner = items('<div itemscope itemtype="A"><div itemscope itemtype="B"><b itemprop="x">1</b></div><b itemprop="y">2</b></div>')
    assert (outer, inner) == ({"y": "2", "@type": ["A"]}, {"x": "1", "@type": ["B"]})


def test_an_item_without_properties_has_its_text() -> None:
    assert only('<span itemscope itemtype="Brand">Toko <b>Rasa</b></span>') == {"@value": "Toko Rasa", "@type": ["Brand"]}


def test_properties_that_stand_elsewhere_are_named_by_their_id() -> None:
    markup = (
        '<div itemscope itemtype="Product" itemref="a b none"><b itemprop="name">S</b></div>'
        '<p id="a"><i itemprop="sku">7</i><span itemprop="offers" itemscope itemtype="Offer"><b itemprop="price">5</b></span></p>'
        '<p id="b" itemprop="color">red</p>'
    )
    node = items(markup)[0]
    assert (node["name"], node["sku"], node["color"]) == ("S", "7", "red")
    assert node["offers"] == {"price": "5", "@type": ["Offer"]}
    assert "price" not in node


def test_items_that_refer_to_each_other_end() -> None:
    markup = '<div itemscope id="a" itemref="b"><b itemprop="x">1</b></div><div itemscope id="b" itemprop="y" itemref="a"></div>'
    assert items(markup)


def test_nesting_ends() -> None:
    deep = '<div itemprop="a" itemscope>' * (MAX_DEPTH + 20) + "</div>" * (MAX_DEPTH + 20)
    node, levels = items(f"<div itemscope>{deep}</div>")[0], 0
    while isinstance(node.get("a"), dict):
        (node,) = nodes_of(node["a"])
        levels += 1
    assert levels == MAX_DEPTH


PARTS = st.sampled_from(
    [
        "<div itemscope>",
        '<div itemscope itemprop="a">',
        '<b itemprop="b">',
        '<p id="x">',
        '<i itemref="x" itemscope>',
        "</div>",
        "</b>",
        "1",
        "<",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, max_size=30).map("".join))
def test_any_markup_gives_items_with_a_type(markup: str) -> None:
    assert all(isinstance(item["@type"], list) for item in items(markup))
