"""Product pages as the templates of common shop software write them, with the traps of each."""

import json
from dataclasses import dataclass

import pytest

from market_db.seen import Listing
from spiders.extract.page import extract_page

NAME = "Sambal Oelek 370 g"


def script(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


@dataclass(frozen=True)
class Case:
    """A page in the shape of one software, and what it says."""

    body: str
    price: float | None
    head: str = ""
    currency: str | None = "EUR"
    availability: str | None = "InStock"
    seller: str | None = "Toko Rasa"
    lang: str = "en"
    title: str = f"{NAME} | Toko Rasa"


H1 = f"<h1>{NAME}</h1>"
FOOT = "<footer><p>© 2026 Toko Rasa</p><p>{}</p></footer>"
CASES = {
    "PrestaShop": Case(
        f"""{H1}<div class="product-prices"><div class="product-discount"><span class="regular-price">5,99 €</span></div>
        <div class="product-price h5 has-discount"><div class="current-price"><span class="current-price-value" content="3.79">3,79 €</span>
        <span class="discount discount-percentage">Save 37%</span></div></div><div class="tax-shipping-delivery-label">Tax included</div></div>
        <button class="btn btn-primary add-to-cart">Add to cart</button><span id="product-availability">&#xE5CA; In stock</span>
        <footer><p>Toko Rasa</p><p>© 2026 - Ecommerce software by PrestaShop™</p></footer>""",
        3.79,
    ),
    "WooCommerce": Case(
        f"""<nav class="woocommerce-breadcrumb"><a href="/">Home</a></nav>{H1}<p class="price"><del aria-hidden="true">
        <span class="woocommerce-Price-amount amount"><bdi>5,99&nbsp;<span class="woocommerce-Price-currencySymbol">&euro;</span></bdi></span></del>
        <ins><span class="woocommerce-Price-amount amount"><bdi>3,79&nbsp;<span class="woocommerce-Price-currencySymbol">&euro;</span></bdi></span>
        </ins></p><p class="stock out-of-stock">Out of stock</p>{FOOT.format("Proudly powered by WordPress")}""",
        3.79,
        availability="OutOfStock",
    ),
    "Shopify": Case(
        f"""{H1}<div class="price price--large price--on-sale"><div class="price__container"><div class="price__regular"><span
        class="price-item price-item--regular">€3.79</span></div><div class="price__sale"><span><s class="price-item price-item--regular">€5.99</s>
        </span><span class="price-item price-item--sale price-item--last">€3.79</span></div></div></div><button name="add">Add to cart</button>
        {FOOT.format("Powered by Shopify")}""",
        3.79,
        head='<meta property="og:site_name" content="Toko Rasa">',
    ),
    "BigCommerce": Case(
        f"""{H1}<div class="productView-price"><div class="price-section price-section--withoutTax rrp-price--withoutTax" style="display: none;">
        MSRP: <span class="price price--rrp"></span></div><div class="price-section price-section--withoutTax"><span class="price-label"></span>
        <span data-product-price-without-tax class="price price--withoutTax">$3.79</span></div></div>
        <input class="button" type="submit" value="Add to Cart">{FOOT.format("Powered by BigCommerce")}""",
        3.79,
        currency="USD",
        lang="en-US",
    ),
    "Wix": Case(
        f"""<h1 data-hook="product-title">{NAME}</h1><span data-hook="formatted-secondary-price">€5.99</span>
        <span data-hook="formatted-primary-price">€3.79</span><button data-hook="add-to-cart">Add to Cart</button>""",
        3.79,
        head=script(
            {
                "@context": "https://schema.org/",
                "@type": "Product",
                "name": NAME,
                "Offers": {"@type": "Offer", "priceCurrency": "EUR", "price": "3.79", "Availability": "https://schema.org/InStock"},
            }
        )
        + '<meta property="og:site_name" content="Toko Rasa">',
    ),
    "Ecwid": Case(
        f"""<div itemscope itemtype="http://schema.org/Product"><h1 itemprop="name">{NAME}</h1><div itemprop="offers" itemscope
        itemtype="http://schema.org/Offer"><div class="product-details__product-price ec-price-item" itemprop="price" content="3.79">
        <span>€3.79</span></div><meta itemprop="priceCurrency" content="EUR"><link itemprop="availability" href="http://schema.org/InStock"></div>
        </div>{FOOT.format("")}""",
        3.79,
    ),
    "Magento": Case(
        f"""<h1 class="page-title"><span class="base" itemprop="name">{NAME}</span></h1><div class="price-box price-final_price">
        <span class="special-price"><span class="price-container price-final_price"><span class="price-label">Special Price</span><span
        id="product-price-1" data-price-amount="3.79" data-price-type="finalPrice" class="price-wrapper"><span class="price">€3.79</span></span>
        </span></span><span class="old-price"><span class="price-label">Regular Price</span><span class="price">€5.99</span></span></div>
        <div class="stock available"><span>In stock</span></div>{FOOT.format("")}""",
        3.79,
    ),
    "Magento 1, lone regular price": Case(
        f"""{H1}<div class="price-box"><span class="regular-price" id="product-price-1"><span class="price">€3.79</span></span></div>
        <p class="availability in-stock">Availability: <span>In stock</span></p>{FOOT.format("")}""",
        3.79,
    ),
    "OpenCart": Case(
        f"""{H1}<ul class="list-unstyled"><li><span style="text-decoration: line-through;">$5.99</span></li><li><h2>$3.79</h2></li>
        <li>Ex Tax: $3.00</li></ul><ul><li>Availability: In Stock</li></ul><button id="button-cart">Add to Cart</button>
        <footer><p>Powered By OpenCart<br>Toko Rasa © 2026</p></footer>""",
        3.79,
        currency="USD",
        lang="en-US",
    ),
    "Shopware": Case(
        f"""{H1}<div class="product-detail-price-container"><p class="product-detail-price with-list-price">3,79 €*
        <span class="list-price-price">5,99 €*</span></p><p class="product-detail-price-unit">Inhalt: 370 g (1,02 €* / 100 g)</p></div>
        <p class="delivery-information">Sofort verfügbar, Lieferzeit 1-3 Tage</p><button>In den Warenkorb</button>
        <footer>* Alle Preise inkl. gesetzl. Mehrwertsteuer<p>© 2026 Toko Rasa</p></footer>""",
        3.79,
        lang="de",
    ),
    "nopCommerce": Case(
        f"""<div itemscope itemtype="http://schema.org/Product"><h1 itemprop="name">{NAME}</h1><div class="availability"><div class="stock">
        <span class="label">Availability:</span> <span class="value">In stock</span></div></div><div class="prices" itemprop="offers" itemscope
        itemtype="http://schema.org/Offer"><div class="old-product-price"><label>Old price:</label> <span>€5.99</span></div>
        <div class="product-price"><label>Price:</label> <span itemprop="price" content="3.79" class="price-value-1">€3.79</span></div>
        <meta itemprop="priceCurrency" content="EUR"></div></div><footer>Copyright © 2026 Toko Rasa. All rights reserved.</footer>""",
        3.79,
    ),
    "Salla": Case(
        f"""{H1}<p class="price">129 ر.س</p><button>إضافة للسلة</button><footer>الحقوق محفوظة | 2026 توكو راسا</footer>""",
        129,
        head=script(
            {
                "@context": "https://schema.org",
                "@graph": [
                    {"@type": "Product", "name": NAME, "offers": {"@type": "Offer", "price": 129, "priceCurrency": "SAR",
                     "seller": {"@type": "Organization", "name": "توكو راسا"}}},
                    {"@type": "Organization", "name": f"{NAME} | توكو راسا"},
                ],
            }
        ),
        currency="SAR",
        seller="توكو راسا",
        lang="ar",
        title=f"{NAME} | توكو راسا",
    ),
    "Zid, not priced": Case(
        f"{H1}<button>أضف للسلة</button>",
        None,
        head=script([{"@type": "Product", "name": NAME, "offers": {"price": "0", "priceCurrency": "SAR", "availability": "InStock"}},
                     {"@type": "Organization", "name": "Toko Rasa", "telephone": "966500000000"}]),
        currency=None,
        lang="ar",
    ),
    "VTEX": Case(
        f"{H1}<button>Comprar</button>",
        37.9,
        head=script({"@type": "Product", "name": NAME, "brand": {"name": "Rasa"}, "offers": {"@type": "AggregateOffer", "lowPrice": 37.9,
                     "highPrice": 41.5, "priceCurrency": "BRL", "offers": [{"@type": "Offer", "price": 37.9, "priceCurrency": "BRL",
                     "availability": "http://schema.org/InStock", "seller": {"@type": "Organization", "name": "Toko Rasa"}}]}}),
        currency="BRL",
        lang="pt-BR",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_software(case: Case) -> None:
    html = f'<html lang="{case.lang}"><head><title>{case.title}</title>{case.head}</head><body>{case.body}</body></html>'
    record = extract_page(html.encode(), "https://www.tokorasa.example/p/sambal-oelek", {}).records[0]
    assert isinstance(record, Listing)
    assert (record.name, record.price, record.currency, record.availability) == (NAME, case.price, case.currency, case.availability)
    assert (record.seller.name if record.seller else None) == case.seller
