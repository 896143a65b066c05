"""Who sells: own shops in the places where they name themselves, and merchants on marketplaces."""

import json

import pytest

from market_db.seen import Listing
from spiders.extract.page import extract_page

PRICED = '<p class="price">3,79 €</p><button>In den Warenkorb</button>'


def seller(url: str, body: str = "", head: str = "", title: str = "Sambal Oelek 370 g", lang: str = "en") -> str | None:
    text = f'<html lang="{lang}"><head><title>{title}</title>{head}</head><body><h1>Sambal Oelek 370 g</h1>{PRICED}{body}</body></html>'
    record = extract_page(text.encode(), url, {}).records[0]
    assert isinstance(record, Listing)
    return record.seller.name if record.seller else None


def script(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


SITE_NAME = '<meta property="og:site_name" content="{}">'


@pytest.mark.parametrize(
    ("host", "body", "head", "title", "name"),
    [
        ("tokorasa.example", "<footer>© 2026 Toko Rasa (contoh)</footer>", "", "Sambal", "Toko Rasa (contoh)"),
        ("tokorasa.example", "<footer>2019-2026 © Toko Rasa. All rights reserved.</footer>", "", "Sambal", "Toko Rasa"),
        ("tokorasa.example", "<footer>Toko Rasa © 2026</footer>", "", "Sambal", "Toko Rasa"),
        ("tokorasa.example", "<footer>Copyright © 2026 Toko Rasa - Powered by Shop Software</footer>", "", "Sambal", "Toko Rasa"),
        ("tokorasa.example", "", SITE_NAME.format("Toko Rasa"), "Sambal | Toko Rasa", "Toko Rasa"),
        (
            "tokorasa.example",
            "",
            script({"@type": "WebSite", "name": "Toko Rasa", "url": "https://tokorasa.example/"}),
            "Sambal",
            "Toko Rasa",
        ),
        (
            "tokorasa.example",
            "<footer>© 2026</footer>",
            script({"@type": "WebSite", "publisher": {"@type": "Organization", "name": "Rasa Nusantara B.V."}}),
            "Sambal",
            "Rasa Nusantara B.V.",
        ),
        # markup in which software repeats the page's title says nothing about the shop
        (
            "tokorasa.example",
            "<footer>© 2026 Toko Rasa</footer>",
            script({"@type": "Organization", "name": "Sambal Oelek | Toko Rasa"}),
            "Sambal Oelek | Toko Rasa",
            "Toko Rasa",
        ),
        # a tagline is no name, the legal name at the foot is
        (
            "sambalmarkt.example",
            "<footer>© 2026 Sambalmarkt Nusantara Handels GmbH</footer>",
            SITE_NAME.format("Saucen günstig online kaufen - Versand gratis"),
            "Sambal",
            "Sambalmarkt Nusantara Handels GmbH",
        ),
        # a holding that resembles nothing the site calls itself
        (
            "kolektabox.example",
            "<footer>© 2026 4711 Beteiligungs GmbH</footer>",
            SITE_NAME.format("Kolekta"),
            "Sambal Oelek – Kolekta",
            "Kolekta",
        ),
        # a legal form alone makes no other name, other words do
        ("tokorasa.example", "<p>Der Toko Rasa-Newsletter</p><footer>© 2026 Toko Rasa GmbH</footer>", "", "Sambal", "Toko Rasa"),
        ("tokorasa.example", "<p>Toko Rasa</p><footer>© 2026 Toko Rasa Nusantara GmbH</footer>", "", "Sambal", "Toko Rasa Nusantara GmbH"),
        ("tokorasa.example", "<p>Toko Rasa</p>", SITE_NAME.format("TokoRasa Shop"), "Sambal", "Toko Rasa"),
        # the domain spelled in another script
        ("dommuki.example", "<footer>© 2026 ДомМуки.рф</footer>", "", "Купить самбал в интернет-магазине ДОММУКИ", "ДомМуки"),
        # the first logo is the shop's, later ones are brands and payment services
        (
            "tokorasa.example",
            '<div class="brand-logo"><img alt="Toko Rasa logo"></div><div class="logos"><img alt="Bayar Mudah"></div>',
            "",
            "Sambal",
            "Toko Rasa",
        ),
        ("tokorasa.example", "<p>جميع الحقوق محفوظة لـ | 2026 بيت السمبال</p>", "", "Sambal", "بيت السمبال"),
        ("x.example", "<p>Sambal Oelek 370 g</p>", "", "Sambal Oelek 370 g", None),
    ],
)
def test_own_shops(host: str, body: str, head: str, title: str, name: str | None) -> None:
    assert seller(f"https://www.{host}/p/1", body, head, title) == name


MARKET = SITE_NAME.format("Pasarku") + script({"@type": "Organization", "name": "Pasarku"})


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("<div>Sold by <a href='/m/1'>Toko Rasa (sample)</a></div>", "Toko Rasa"),
        ("<div>Sold by: Rasa Trading</div><div>Sold by: Other Offers Ltd</div>", "Rasa Trading"),
        ("<span>Sold bySold by</span><div>Sold by</div><div>Rasa Trading</div>", "Rasa Trading"),
        ("<div>Dijual oleh: Rasa Nusantara</div>", "Rasa Nusantara"),
        ("<div>Verkauf durch Rasa Feinkost und Versand durch Pasarku</div>", "Rasa Feinkost"),
        ("<div>Verkäufer: Rasa Feinkost GmbH</div>", "Rasa Feinkost GmbH"),
        ("<div>Vendu par Épices Rasa et expédié par Pasarku.</div>", "Épices Rasa"),
        ("<div>Venduto da Spezie Rasa e spedito da Pasarku.</div>", "Spezie Rasa"),
        ("<div>Vendido e entregue por Temperos Rasa</div>", "Temperos Rasa"),
        ("<div>Vândut și livrat de:</div><div>CONDIMENTE RASA</div>", "CONDIMENTE RASA"),
        ("<div>Продавец: ООО Раса</div>", "ООО Раса"),
        ("<div>Satıcı: Rasa Gıda Ltd. Şti.</div>", "Rasa Gıda Ltd. Şti."),
        ("<div>จำหน่ายโดย ร้านราสา</div>", "ร้านราสา"),
        ('<div class="seller_name">Rasa Trading Co., Ltd.</div>', "Rasa Trading Co., Ltd."),
        ('<a data-testid="merchant-name">Rasa Trading</a>', "Rasa Trading"),
        ('<div class="sold-by">Sold by Rasa Trading LLC. Additional taxes may apply.</div>', "Rasa Trading LLC"),
        # the marketplace itself, and tables that only speak of sellers
        ("<div>Dispatched from and sold by Pasarku.</div>", "Pasarku"),
        ("<table><tr><td>Seller</td><td>Seller Rating</td></tr></table>", "Pasarku"),
        # a measure
        ("<div>Sold by the Metre</div>", "Pasarku"),
        ("<div>Sold by: Each</div>", "Pasarku"),
        ("<div>Vendu par lot de 6</div>", "Pasarku"),
        ("<div>Sold by iDapur.example</div>", "iDapur.example"),
        # a private person on a classified site is not taken
        ("<div>Seller</div><div>jan_contoh77</div>", "Pasarku"),
        ("<div>Verkäufer: Jan Contoh</div>", "Pasarku"),
        ("<div>Seller information</div><div>jan77 (12)</div>", "Pasarku"),
    ],
)
def test_marketplaces(body: str, name: str) -> None:
    assert seller("https://www.pasarku.example/p/1", body, MARKET, "Sambal Oelek 370 g | Pasarku") == name
