"""Pages in the shapes of many shop systems and countries, written by us from no page that the rules were made with."""

import pytest

from market_db.seen import Listing
from spiders.extract.flat import flat_page
from spiders.extract.page import Page, extract_page

NAME = "Sambal Oelek 370 g"
NAMES = (NAME, "Sambal Bawang 140 g", "Kecap Manis 600 ml", "Kerupuk Udang 250 g", "Bumbu Rendang 50 g")
PRICES = ("2,49", "3,10", "4,95", "1,99", "0,89")
BUY = '<p class="price">3,79 €</p><button>Add to cart</button>'


def page(body: str, url: str, lang: str = "en", title: str = "Toko", head: str = "") -> Page:
    markup = f'<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>{body}</body></html>'
    return extract_page(markup.encode(), url, {})


SELLERS = {
    "shopify": (
        "https://warungindo.example/products/x",
        "<footer><small>© 2026, <a href='/'>Warung Indo</a> <a href='https://shopify.example'>Powered by Shopify</a></small></footer>",
        '<meta property="og:site_name" content="Warung Indo">',
        "Sambal Oelek 370 g – Warung Indo",
        "Warung Indo",
    ),
    "shopify vendor": (
        "https://warungindo.example/products/x",
        "<p class='product__vendor'>ABC Sauces</p><footer><small>© 2026, Warung Indo</small></footer>",
        '<meta property="og:site_name" content="Warung Indo">',
        "Sambal Oelek 370 g – Warung Indo",
        "Warung Indo",
    ),
    "shopify vendor label": (
        "https://warungindo.example/products/x",
        "<p>Vendor: ABC Sauces</p><footer><small>© 2026, Warung Indo</small></footer>",
        '<meta property="og:site_name" content="Warung Indo">',
        "Sambal Oelek 370 g – Warung Indo",
        "Warung Indo",
    ),
    "shopify vendor label2": (
        "https://spiceroute.example/products/x",
        "<span>Vendor</span><span>Kokita Foods Ltd</span><footer><small>© 2026, Spice Route</small></footer>",
        '<meta property="og:site_name" content="Spice Route">',
        "Sambal Oelek 370 g – Spice Route",
        "Spice Route",
    ),
    "ld brand offer seller org": (
        "https://toko.example/p",
        "",
        ' <script type="application/ld+json">{"@type": "Product", "name": "Sambal Oelek 370 g", "offers": {"@type": "Offer", "price": "3.79", "priceCurrency": "EUR", "seller": {"@type": "Organization", "name": "Toko Enak"}}}</script>',
        "Sambal Oelek | Toko Enak",
        "Toko Enak",
    ),
    "woo theme footer": (
        "https://asia-kitchen.example/product/x",
        "<footer><div class='site-info'>Copyright 2026 © <strong>Asia Kitchen</strong> | Built with WooCommerce</div></footer>",
        '<meta property="og:site_name" content="Asia Kitchen">',
        "Sambal Oelek 370 g - Asia Kitchen",
        "Asia Kitchen",
    ),
    "woo credits theme": (
        "https://pedasmanis.example/product/x",
        "<footer>Copyright © 2026 Pedas Manis. Theme: Storefront by Woo GmbH</footer>",
        "",
        "Sambal Oelek 370 g",
        "Pedas Manis",
    ),
    "presta logo alt": (
        "https://epicerie-bali.example/12-sambal.html",
        "<a href='/'><img class='logo img-responsive' src='l.png' alt='Epicerie Bali'></a><footer>© 2026 - Logiciel e-commerce par PrestaShop™</footer>",
        "",
        "Sambal Oelek 370 g",
        "Epicerie Bali",
    ),
    "magento": (
        "https://chilihouse.example/sambal.html",
        "<a class='logo' href='/' aria-label='store logo'><img src='x' alt='Chili House Online' title='Chili House Online'></a><small class='copyright'><span>Copyright © 2013-present Magento, Inc. All rights reserved.</span></small>",
        "",
        "Sambal Oelek 370 g",
        "Chili House",
    ),
    "bigcommerce": (
        "https://sambalhaus.example/x",
        "<footer>© 2026 Sambalhaus | <a>Sitemap</a> | Powered by <a>BigCommerce</a></footer>",
        "",
        "Sambal Oelek 370 g - Sambalhaus",
        "Sambalhaus",
    ),
    "wix": (
        "https://www.sambalbali.example/product-page/x",
        "<footer><p>©2026 by Sambal Bali. Proudly created with Wix.com</p></footer>",
        '<meta property="og:site_name" content="Sambal Bali">',
        "Sambal Oelek 370 g | Sambal Bali",
        "Sambal Bali",
    ),
    "german footer legal": (
        "https://gewuerzkiste.example/x",
        "<footer>Alle Preise inkl. MwSt. zzgl. Versand<br>© 2026 Gewürzkiste GmbH & Co. KG</footer>",
        "",
        "Sambal Oelek 370 g kaufen",
        "Gewürzkiste GmbH & Co. KG",
    ),
    "payment names": (
        "https://pasarraya.example/x",
        "<footer><img class='payment-logo' alt='PayPal (Europe) S.à r.l.'><img class='logo' alt='Visa'><p>Pasar Raya</p><p>© 2026 Pasar Raya</p></footer>",
        "",
        "Sambal",
        "Pasar Raya",
    ),
    "trusted shops": (
        "https://rempahku.example/x",
        "<div>Trusted Shops GmbH</div><div>Klarna Bank AB (publ)</div><footer>© 2026 Rempahku</footer>",
        "",
        "Sambal Oelek",
        "Rempahku",
    ),
    "agency footer": (
        "https://rempahku.example/x",
        "<footer>© 2026 Rempahku. Website by Pixelwerk GmbH</footer>",
        "",
        "Sambal Oelek",
        "Rempahku",
    ),
    "market sold by link": (
        "https://market.example/p/1",
        "<div>Sold by</div><div><a href='/s/1'>Toko Rasa Nusantara</a></div><footer>© 2026 Market</footer>",
        '<meta property="og:site_name" content="Market">',
        "Sambal | Market",
        "Toko Rasa Nusantara",
    ),
    "market seller label": (
        "https://market.example/p/1",
        "<dl><dt>Seller</dt><dd>Rasa Trading Co., Ltd.</dd></dl><footer>© 2026 Market</footer>",
        '<meta property="og:site_name" content="Market">',
        "Sambal | Market",
        "Rasa Trading Co., Ltd.",
    ),
    "market sold by shipped": (
        "https://market.example/p/1",
        "<span>Ships from and sold by <a>Spice Depot</a>.</span><footer>© 2026 Market</footer>",
        '<meta property="og:site_name" content="Market">',
        "Sambal | Market",
        "Spice Depot",
    ),
    "market visit store": (
        "https://market.example/p/1",
        "<a class='seller-name__detail-name' href='/shop/x'>Rasa Store Official</a><a class='seller-name__detail-name'>Rasa Store Official</a><footer>© 2026 Market</footer>",
        '<meta property="og:site_name" content="Market">',
        "Sambal | Market",
        "Rasa Store Official",
    ),
    "rakuten shop": (
        "https://item.market.example/rasa/1",
        "<div class='shop-name'><a href='/rasa/'>ラサ食品</a></div><footer>© Market Group, Inc.</footer>",
        '<meta property="og:site_name" content="Market">',
        "Sambal | Market",
        "ラサ食品",
    ),
    "de verkauf": (
        "https://markt.example/p/1",
        "<p>Verkauf durch <b>Gewürzhandel Nord GmbH</b></p><footer>© 2026 Markt SE</footer>",
        '<meta property="og:site_name" content="Markt">',
        "Sambal | Markt",
        "Gewürzhandel Nord GmbH",
    ),
    "fr vendu": (
        "https://marche.example/p/1",
        "<p>Vendu et expédié par <a>Saveurs d'Asie</a></p><footer>© 2026 Marché SA</footer>",
        '<meta property="og:site_name" content="Marché">',
        "Sambal | Marché",
        "Saveurs d'Asie",
    ),
    "pt vendido": (
        "https://loja.example/p/1",
        "<p>Vendido e entregue por <strong>Casa dos Molhos</strong></p>",
        '<meta property="og:site_name" content="Loja">',
        "Sambal | Loja",
        "Casa dos Molhos",
    ),
    "id dijual": (
        "https://pasar.example/p/1",
        "<div>Dijual oleh <a>Dapur Sambal Official</a></div>",
        '<meta property="og:site_name" content="Pasar">',
        "Sambal | Pasar",
        "Dapur Sambal Official",
    ),
    "alibaba like": (
        "https://b2b.example/p/1",
        "<a class='company-name' href='/c'>Medan Spice Export Co., Ltd.</a><div>5 yrs</div><footer>© 2026 B2B.example. All rights reserved</footer>",
        '<meta property="og:site_name" content="b2b.example">',
        "Sambal - Buy Sambal on B2B.example",
        "Medan Spice Export Co., Ltd.",
    ),
    "supplier label": (
        "https://b2b.example/p/1",
        "<p>Supplier: <a>Rasa Foods Private Limited</a></p><footer>© 2026 B2B</footer>",
        '<meta property="og:site_name" content="b2b">',
        "Sambal | b2b",
        "Rasa Foods Private Limited",
    ),
    "marketplace Sold by in ul": (
        "https://market.example/p/1",
        "<ul><li>Condition: New</li><li>Sold by: <a href='/v'>Kedai Pedas</a> (4.8)</li></ul>",
        '<meta property="og:site_name" content="Market">',
        "Sambal | Market",
        "Kedai Pedas",
    ),
    "dokan": (
        "https://market.example/product/1",
        "<li class='seller-name'><span>Store Name:</span> <span class='details'>Kedai Pedas</span></li>",
        '<meta property="og:site_name" content="Market">',
        "Sambal | Market",
        "Kedai Pedas",
    ),
    "wcfm": (
        "https://market.example/product/1",
        "<div class='wcfmmp_sold_by_container'><span class='wcfmmp_sold_by_label'>Store: </span><a class='wcfm_dashboard_item_title'>Kedai Pedas</a></div>",
        '<meta property="og:site_name" content="Market">',
        "Sambal | Market",
        "Kedai Pedas",
    ),
    "jp label": (
        "https://market.example/p",
        "<table><tr><th>販売元</th><td>株式会社ラサ</td></tr></table>",
        '<meta property="og:site_name" content="Market">',
        "Sambal | Market",
        "株式会社ラサ",
    ),
    "kr label": (
        "https://market.example/p",
        "<table><tr><th>판매자</th><td>라사푸드 주식회사</td></tr></table>",
        '<meta property="og:site_name" content="Market">',
        "Sambal | Market",
        "라사푸드 주식회사",
    ),
    "ar": (
        "https://market.example/p",
        "<div>يباع من قبل <a>متجر البهارات</a></div>",
        '<meta property="og:site_name" content="Market">',
        "Sambal | Market",
        "متجر البهارات",
    ),
    "sold per unit": (
        "https://toko.example/p",
        "<p>Sold by the case of 12</p><footer>© 2026 Toko Enak</footer>",
        '<meta property="og:site_name" content="Toko Enak">',
        "Sambal | Toko Enak",
        "Toko Enak",
    ),
    "best seller label": (
        "https://toko.example/p",
        "<p>Seller</p><p>Best seller in sauces</p><footer>© 2026 Toko Enak</footer>",
        '<meta property="og:site_name" content="Toko Enak">',
        "Sambal | Toko Enak",
        "Toko Enak",
    ),
    "supplier country": (
        "https://toko.example/p",
        "<p>Supplier: Indonesia</p><footer>© 2026 Toko Enak</footer>",
        '<meta property="og:site_name" content="Toko Enak">',
        "Sambal | Toko Enak",
        "Toko Enak",
    ),
    "manufacturer in grocery": (
        "https://toko.example/p",
        "<p>Hersteller: Conimex B.V.</p><p>Inverkehrbringer: Unilever Deutschland GmbH, Hamburg</p><footer>© 2026 Toko Enak</footer>",
        '<meta property="og:site_name" content="Toko Enak">',
        "Sambal | Toko Enak",
        "Toko Enak",
    ),
    "manufacturer line legal": (
        "https://toko.example/p",
        "<p>Unilever Deutschland GmbH</p><p>Neue Burg 1, 20457 Hamburg</p><footer>© 2026 Toko Enak</footer>",
        '<meta property="og:site_name" content="Toko Enak">',
        "Sambal | Toko Enak",
        "Toko Enak",
    ),
    "no site name, title sep": (
        "https://www.indofoodstore.example/p",
        "<footer>Copyright 2026. All rights reserved.</footer>",
        "",
        "Sambal Oelek 370 g | Indofood Store",
        "Indofood Store",
    ),
    "review of vendor": (
        "https://toko.example/p",
        "<p>Bought from the seller: fast shipping!</p><footer>© Toko Enak 2026</footer>",
        '<meta property="og:site_name" content="Toko Enak">',
        "Sambal | Toko Enak",
        "Toko Enak",
    ),
    "zid/salla ar": (
        "https://mazaqasia.example/p",
        "<footer>الحقوق محفوظة | 2026 مذاق آسيا</footer>",
        '<meta property="og:site_name" content="مذاق آسيا">',
        "سامبال | مذاق آسيا",
        "مذاق آسيا",
    ),
    "salla ar no meta": (
        "https://mazaqasia.example/p",
        "<footer>جميع الحقوق محفوظة لـ مذاق آسيا © 2026</footer>",
        "",
        "سامبال",
        "مذاق آسيا",
    ),
    "ru": (
        "https://aziavkus.example/p",
        "<footer>© 2009–2026 ООО «Азия Вкус». Все права защищены</footer>",
        "",
        "Самбал",
        "ООО «Азия Вкус»",
    ),
    "ru shop": ("https://aziavkus.example/p", "<footer>© Интернет-магазин «Азия Вкус», 2026</footer>", "", "Самбал купить", "Азия Вкус"),
    "jp own": (
        "https://rasa.example/p",
        "<footer>Copyright © ラサ食品 All Rights Reserved.</footer>",
        "",
        "サンバル | ラサ食品オンラインショップ",
        "ラサ食品",
    ),
    "pl": (
        "https://smakiazji.example/p",
        "<footer>© 2026 Smaki Azji. Sklep internetowy Shoper.pl</footer>",
        "",
        "Sambal - Smaki Azji",
        "Smaki Azji",
    ),
    "nl bol": (
        "https://winkel.example/p",
        "<div>Verkoop door <a>Toko Online</a></div>",
        '<meta property="og:site_name" content="winkel">',
        "Sambal | winkel",
        "Toko Online",
    ),
    "es tienda": (
        "https://mercado.example/p",
        "<p>Vendido por <a>SABORES DE ASIA</a></p><p>+500 ventas</p>",
        '<meta property="og:site_name" content="Mercado">',
        "Sambal | Mercado",
        "SABORES DE ASIA",
    ),
    "es tienda oficial": (
        "https://mercado.example/p",
        "<h2>Vendido por</h2><span>Sabores de Asia S.A.</span>",
        '<meta property="og:site_name" content="Mercado">',
        "Sambal | Mercado",
        "Sabores de Asia S.A.",
    ),
    "lazada": (
        "https://market.example/p",
        "<div class='seller-name__wrapper'><div class='seller-name__title'>Sold by</div><div class='seller-name__detail'><a>Rasa Mart</a></div></div>",
        '<meta property="og:site_name" content="Market">',
        "Sambal | Market",
        "Rasa Mart",
    ),
    "etsy": (
        "https://market.example/p",
        "<p>Sold by <a href='/shop/Rasa'>RasaKitchen</a> Star Seller</p>",
        '<meta property="og:site_name" content="Market">',
        "Sambal | Market",
        "RasaKitchen",
    ),
}


@pytest.mark.parametrize("shape", SELLERS)
def test_sellers(shape: str) -> None:
    url, body, head, title, name = SELLERS[shape]
    record = page(f"<h1>{NAME}</h1>{BUY}{body}", url, title=title, head=head).records[0]
    assert isinstance(record, Listing)
    assert record.seller is not None
    assert record.seller.name == name


PHONES = {
    "nl": (
        "nl",
        "<h1>Contact</h1><p>Toko Rasa B.V.</p><p>Havenweg 1, 3011 AA Rotterdam</p><p>T 010 - 200 00 12</p><p>KvK 12345678</p><p>BTW NL123456789B01</p><p>IBAN NL91 ABNA 0417 1643 00</p>",
        ["+31102000012"],
    ),
    "de fax": (
        "de",
        "<h1>Kontakt</h1><p>Rasa GmbH</p><p>Hafenstr. 1, 20457 Hamburg</p><p>Tel.: +49 (0)40 / 123 45 67-0</p><p>Fax: +49 (0)40 / 123 45 67-99</p><p>HRB 123456</p><p>USt-IdNr. DE123456789</p>",
        ["+494012345670", "+4940123456799"],
    ),
    "id": (
        "id",
        "<h1>Hubungi Kami</h1><p>PT Rasa Nusantara</p><p>Jl. Gatot Subroto No. 12, Medan 20112</p><p>Telp. (061) 456 7890</p><p>WA: 0812-6000-1234</p><p>NPWP 01.234.567.8-901.000</p>",
        ["+62614567890", "+6281260001234"],
    ),
    "us": (
        "en",
        "<h1>Contact us</h1><p>Rasa Foods, Inc.</p><p>12 Main Street, Springfield, IL 62701</p><p>Call (217) 555-0134 or toll free 1-800-555-0199</p><p>Mon-Fri 9:00-17:00</p>",
        ["+12175550134", "+18005550199"],
    ),
    "uk": (
        "en",
        "<h1>Contact</h1><p>Rasa Foods Ltd</p><p>1 Dock Road, London E16 1AH, United Kingdom</p><p>020 7946 0012</p><p>Company number 01234567. VAT GB 123 4567 89</p>",
        ["+442079460012"],
    ),
    "fr": (
        "fr",
        "<h1>Contactez-nous</h1><p>Saveurs SARL</p><p>12 rue du Port, 13002 Marseille</p><p>Tél : 04 91 00 00 12 — SIRET 123 456 789 00012</p>",
        ["+33491000012"],
    ),
    "jp": (
        "ja",
        "<h1>会社概要</h1><table><tr><th>会社名</th><td>株式会社ラサ</td></tr><tr><th>所在地</th><td>〒105-0011 東京都港区芝公園1-1-1</td></tr><tr><th>TEL</th><td>03-1234-5678</td></tr><tr><th>FAX</th><td>03-1234-5679</td></tr></table>",
        ["+81312345678", "+81312345679"],
    ),
    "kr": (
        "ko",
        "<footer><p>라사푸드 주식회사 | 사업자등록번호 123-45-67890 | 통신판매업신고 2020-서울강남-01234</p><p>고객센터 02-1234-5678</p><p>서울특별시 강남구 테헤란로 1</p></footer>",
        ["+82212345678"],
    ),
    "cn": (
        "zh",
        "<h1>联系我们</h1><p>拉萨食品有限公司</p><p>电话：021-5000 1234</p><p>地址：上海市浦东新区世纪大道1号</p><p>沪ICP备12345678号</p>",
        ["+862150001234"],
    ),
    "ar": ("ar", "<h1>اتصل بنا</h1><p>شركة راسا للأغذية</p><p>هاتف: ٠٤ ٣٣٣ ١٢٣٤</p><p>دبي، الإمارات العربية المتحدة</p>", ["+97143331234"]),
    "tr": (
        "tr",
        "<h1>İletişim</h1><p>Rasa Gıda Ltd. Şti.</p><p>Atatürk Cad. No: 1 Kadıköy / İstanbul</p><p>Telefon: 0 (216) 555 00 12</p><p>Vergi No: 1234567890</p>",
        ["+902165550012"],
    ),
    "br": (
        "pt-BR",
        "<h1>Fale conosco</h1><p>Rasa Alimentos Ltda</p><p>CNPJ 12.345.678/0001-90</p><p>Rua das Flores, 12 - São Paulo - SP, 01310-100</p><p>(11) 3003-1234</p><p>WhatsApp (11) 98765-4321</p>",
        ["+551130031234", "+5511987654321"],
    ),
    "pl": (
        "pl",
        "<h1>Kontakt</h1><p>Rasa Sp. z o.o.</p><p>ul. Portowa 1, 80-001 Gdańsk</p><p>tel. 58 300 12 34, kom. 600 100 200</p><p>NIP 1234567890 REGON 123456789</p>",
        ["+48583001234", "+48600100200"],
    ),
    "vn": (
        "vi",
        "<h1>Liên hệ</h1><p>Công ty TNHH Rasa</p><p>Điện thoại: 028 3822 1234</p><p>MST: 0312345678</p><p>12 Lê Lợi, Quận 1, TP. Hồ Chí Minh</p>",
        ["+842838221234"],
    ),
    "in": (
        "en",
        "<h1>Contact</h1><p>Rasa Foods Pvt. Ltd.</p><p>12, MG Road, Mumbai - 400 001, India</p><p>Phone: +91-22-2345 6789 / 2345 6790</p><p>GSTIN 27AAAPL1234C1ZV</p>",
        ["+912223456789", "+912223456790"],
    ),
    "au": (
        "en-AU",
        "<h1>Contact</h1><p>Rasa Foods Pty Ltd ABN 12 345 678 901</p><p>1 George St, Sydney NSW 2000</p><p>Ph: 02 9876 5432</p>",
        ["+61298765432"],
    ),
    "split spans": (
        "nl",
        "<h1>Contact</h1><div><span>Telefoon</span><span> +31 </span><span>10 200 00 12</span></div><p>Rotterdam</p>",
        ["+31102000012"],
    ),
    "tel link only icon": (
        "de",
        "<h1>Kontakt</h1><p>Rasa GmbH, 20457 Hamburg</p><a href='tel:+494012345670'><i></i></a>",
        ["+494012345670"],
    ),
    "price looks": (
        "de",
        "<h1>Kontakt</h1><p>Rasa GmbH, Hafenstr. 1, 20457 Hamburg, Deutschland</p><p>Telefon 040 1234567</p><p>Art.-Nr. 0401234568</p><p>Bestellnummer: 030 1234569</p>",
        ["+49401234567"],
    ),
}


@pytest.mark.parametrize("shape", PHONES)
def test_phones_of_contact_pages(shape: str) -> None:
    lang, body, phones = PHONES[shape]
    assert sorted(flat_page(page(body, "https://www.rasa.example/contact", lang, "Contact | Rasa"))["phones"]) == sorted(phones)


TILES = {
    "shopify dawn": "<li class='grid__item'><div class='card-wrapper product-card-wrapper'><div class='card card--standard'><div class='card__content'><h3 class='card__heading'><a href='/products/{s}' class='full-unstyled-link'>{n}</a></h3></div></div><div class='card-information'><div class='price'><span class='visually-hidden'>Regular price</span><span class='price-item price-item--regular'>€{p} EUR</span></div></div></div></li>",
    "woo": "<li class='product type-product'><a href='/product/{s}/' class='woocommerce-LoopProduct-link'><img src=x alt=''><h2 class='woocommerce-loop-product__title'>{n}</h2><span class='price'><del><span class='amount'>9,99&nbsp;€</span></del> <ins><span class='amount'><bdi>{p}&nbsp;<span>€</span></bdi></span></ins></span></a><a href='?add-to-cart=1' class='button'>In den Warenkorb</a></li>",
    "magento": "<li class='item product product-item'><div class='product-item-info'><a href='/{s}.html' class='product photo'><img alt='{n}'></a><strong class='product name product-item-name'><a class='product-item-link' href='/{s}.html'>{n}</a></strong><div class='price-box'><span class='price-container'><span class='price-wrapper' data-price-amount='2.49'><span class='price'>€ {p}</span></span></span></div></div></li>",
    "presta": "<article class='product-miniature js-product-miniature'><div class='thumbnail-container'><a href='/12-{s}.html'><img alt='{n}'></a><div class='product-description'><h2 class='h3 product-title'><a href='/12-{s}.html'>{n}</a></h2><div class='product-price-and-shipping'><span class='sr-only'>Prix</span><span class='price'>{p} €</span></div></div></div></article>",
    "bigcommerce": "<li class='product'><article class='card'><figure class='card-figure'><a href='/{s}/'><img alt='{n}'></a></figure><div class='card-body'><p class='card-text'>Brand X</p><h4 class='card-title'><a href='/{s}/'>{n}</a></h4><div class='card-text' data-test-info-type='price'><div class='price-section'><span class='price price--withoutTax'>€{p}</span></div></div></div></article></li>",
    "wix": "<li data-hook='product-list-grid-item'><div><a href='https://www.toko.example/product-page/{s}'><div data-hook='ProductImage'></div></a><a href='https://www.toko.example/product-page/{s}'><h3 data-hook='product-item-name'>{n}</h3><div><span data-hook='product-item-price-to-pay' data-wix-price='€{p}'>€{p}</span></div></a></div></li>",
    "salla": "<div class='product-entry'><a href='/{s}/p123'><img alt='{n}'></a><h3 class='product-entry__title'><a href='/{s}/p123'>{n}</a></h3><p class='product-entry__sub-title'>حار</p><h4 class='product-entry__price'>{p} ر.س</h4></div>",
    "rakuten": "<div class='searchresultitem'><div class='image'><a href='https://item.toko.example/shop/{s}/'><img alt='{n}'></a></div><div class='title'><h2><a title='{n}' href='https://item.toko.example/shop/{s}/'>{n}</a></h2></div><div class='price--1'>{y}<span>円</span></div><div>送料別</div><div class='merchant'><a href='/shop/'>ラサ食品</a></div></div>",
    "plain table": "<tr><td><a href='{s}.htm'>{n}</a></td><td>6 x</td><td align=right>{p} EUR</td></tr>",
    "plain p": "<p><b><a href='{s}.htm'>{n}</a></b> - EUR {p}</p>",
    "no link card": "<div class='card'><img src='{s}.jpg'><h5>{n}</h5><p>€ {p}</p></div>",
    "a wraps all": "<a class='tile' href='/{s}'><img src=x><span class='t'>{n}</span><span class='pr'>{p} €</span><span>inkl. MwSt.</span></a>",
    "per kg": "<div class='product-tile'><a href='/{s}'><span class='title'>{n}</span></a><span class='price'>{p} €</span><span class='base-price'>(13,40 € / kg)</span></div>",
    "members": "<div class='pt'><a href='/{s}'>{n}</a><div class='old'>Was £9.99</div><div class='now'>Now £{q}</div><div class='save'>Save £2.00</div></div>",
    "cents sup": "<div class='item'><a href='/{s}'>{n}</a><span class='price'>{e}<sup>{c}</sup></span></div>",
    "from": "<div class='item'><h3><a href='/{s}'>{n}</a></h3><span class='price'>ab {p} €</span></div>",
}
LANGUAGES = {"salla": "ar", "rakuten": "ja"}


def _tile(shape: str, name: str, price: str) -> str:
    whole, cents = price.split(",")
    slug = name.lower().replace(" ", "-")
    return TILES[shape].format(s=slug, n=name, p=price, q=price.replace(",", "."), e=whole, c=cents, y=whole + cents)


@pytest.mark.parametrize("shape", TILES)
def test_listings(shape: str) -> None:
    blocks = "".join(map(_tile, [shape] * len(NAMES), NAMES, PRICES))
    body = f"<table>{blocks}</table>" if blocks.startswith("<tr") else f"<ul>{blocks}</ul>" if blocks.startswith("<li") else blocks
    menu, foot = "<nav><a href='/a'>Home</a><a href='/b'>Shop</a></nav><h1>Sambal</h1>", "<footer>© 2026 Toko</footer>"
    found = page(menu + body + foot, "https://www.toko.example/c/sambal", LANGUAGES.get(shape, "de"), "Sambal | Toko")
    unit = 100 if shape == "rakuten" else 1
    expected = [(name, pytest.approx(float(price.replace(",", ".")) * unit)) for name, price in zip(NAMES, PRICES, strict=True)]
    assert [(item["name"], item["price"]) for item in flat_page(found)["items"]] == expected


PATHS = {
    "shopify": (
        "<nav class='breadcrumb' role='navigation' aria-label='breadcrumbs'><a href='/'>Home</a><span aria-hidden='true'>›</span><a href='/collections/sauces'>Sauces</a><span>›</span><span>{n}</span></nav>",
        ("Home", "Sauces"),
    ),
    "woo": (
        "<nav class='woocommerce-breadcrumb'><a href='/'>Start</a>&nbsp;&#47;&nbsp;<a href='/c/s'>Saucen</a>&nbsp;&#47;&nbsp;{n}</nav>",
        ("Start", "Saucen"),
    ),
    "yoast": (
        "<p id='breadcrumbs'><span><span><a href='/'>Home</a> » <span><a href='/s'>Sauzen</a> » <strong class='breadcrumb_last'>{n}</strong></span></span></span></p>",
        ("Home", "Sauzen"),
    ),
    "magento": (
        "<div class='breadcrumbs'><ul class='items'><li class='item home'><a href='/' title='Go to Home Page'>Home</a></li><li class='item category5'><a href='/s'>Sauces</a></li><li class='item product'><strong>{n}</strong></li></ul></div>",
        ("Home", "Sauces"),
    ),
    "presta": (
        "<nav data-depth='3' class='breadcrumb'><ol><li><a href='/'><span>Accueil</span></a></li><li><a href='/s'><span>Sauces</span></a></li><li><span>{n}</span></li></ol></nav>",
        ("Accueil", "Sauces"),
    ),
    "bigcommerce": (
        "<ul class='breadcrumbs'><li class='breadcrumb'><a class='breadcrumb-label' href='/'><span>Home</span></a></li><li class='breadcrumb'><a class='breadcrumb-label' href='/s'><span>Sauces</span></a></li><li class='breadcrumb is-active'><a class='breadcrumb-label' href='/p'><span>{n}</span></a></li></ul>",
        ("Home", "Sauces"),
    ),
    "wix": (
        "<nav aria-label='breadcrumbs'><a href='https://www.toko.example/'>Home</a> / <a href='https://www.toko.example/sauces'>Sauces</a> / <span>{n}</span></nav>",
        ("Home", "Sauces"),
    ),
    "salla": (
        "<salla-breadcrumb><nav class='s-breadcrumb-wrapper'><ol><li class='s-breadcrumb-item'><a href='/'>الرئيسية</a></li><li class='s-breadcrumb-item'><a href='/c'>صلصات</a></li><li>{n}</li></ol></nav></salla-breadcrumb>",
        ("الرئيسية", "صلصات"),
    ),
    "plain links": ("<div class='path'><a href='/'>Home</a> &gt; <a href='/s'>Sauces</a> &gt; {n}</div>", ("Home", "Sauces")),
    "you are here": (
        "<div class='location'>You are here: <a href='/'>Home</a> &gt; <a href='/s'>Sauces</a> &gt; {n}</div>",
        ("Home", "Sauces"),
    ),
    "jp topicpath": ("<div class='topicpath'><a href='/'>ホーム</a>&gt;<a href='/s'>調味料</a>&gt;{n}</div>", ("ホーム", "調味料")),
    "jp pankuzu": (
        "<ul class='pankuzu'><li><a href='/'>トップ</a></li><li><a href='/s'>調味料</a></li><li>{n}</li></ul>",
        ("トップ", "調味料"),
    ),
    "kr": (
        "<div class='xans-product-headcategory path'><span>현재 위치</span><ol><li><a href='/'>홈</a></li><li><a href='/s'>소스</a></li></ol></div>",
        ("홈", "소스"),
    ),
    "de sie sind hier": (
        "<div id='sie-sind-hier'>Sie sind hier: <a href='/'>Startseite</a> <a href='/s'>Saucen</a></div>",
        ("Startseite", "Saucen"),
    ),
    "fr fil": ("<div class='fil-ariane'><a href='/'>Accueil</a> &gt; <a href='/s'>Sauces</a></div>", ("Accueil", "Sauces")),
    "es migas": ("<div class='migas'><a href='/'>Inicio</a> &gt; <a href='/s'>Salsas</a></div>", ("Inicio", "Salsas")),
    "it briciole": ("<div class='briciole'><a href='/'>Home</a> &gt; <a href='/s'>Salse</a></div>", ("Home", "Salse")),
    "cn": ("<div class='crumb'>当前位置：<a href='/'>首页</a> &gt; <a href='/s'>酱料</a></div>", ("首页", "酱料")),
    "nl": ("<div class='kruimelpad'><a href='/'>Home</a><a href='/s'>Sauzen</a></div>", ("Home", "Sauzen")),
    "aria": ("<nav aria-label='Fil d’Ariane'><a href='/'>Accueil</a><a href='/s'>Sauces</a></nav>", ("Accueil", "Sauces")),
    "with back link": (
        "<div class='breadcrumbs'><a href='javascript:history.back()'>Back</a><a href='/'>Home</a><a href='/s'>Sauces</a></div>",
        ("Home", "Sauces"),
    ),
    "dropdown": (
        "<ol class='breadcrumb'><li><a href='/'>Home</a></li><li><a href='/s'>Sauces</a><ul class='dropdown'><li><a href='/k'>Ketchup</a></li><li><a href='/m'>Mustard</a></li></ul></li><li>{n}</li></ol>",
        ("Home", "Sauces"),
    ),
    "stock-like": (
        "<div class='vtex-breadcrumb'><a href='/' class='homeLink'><svg></svg></a><span><a href='/s'>Molhos</a></span><span>{n}</span></div>",
        ("Molhos",),
    ),
    "mobile and desktop": (
        "<div class='breadcrumbs mobile'><a href='/s'>Sauces</a></div><div class='breadcrumbs desktop'><a href='/'>Home</a><a href='/s'>Sauces</a></div>",
        ("Home", "Sauces"),
    ),
    "arrows in a menu of the shop": ("<div><a href='/'>Home</a> | <a href='/s'>Sauces</a> | <a href='/k'>Ketchup</a></div>", ()),
}


@pytest.mark.parametrize("shape", PATHS)
def test_paths(shape: str) -> None:
    markup, crumbs = PATHS[shape]
    menu = "<header><nav class='menu'><a href='/a'>A</a><a href='/b'>B</a></nav></header>"
    body = f"{menu}{markup.format(n=NAME)}<h1>{NAME}</h1>{BUY}"
    assert page(body, "https://www.toko.example/p/sambal", title=f"{NAME} | Toko").breadcrumbs == crumbs
