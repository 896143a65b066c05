"""What pages call things, in the languages of the markets we read: tables of words for the extractors."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from spiders.extract.sought import Sought


def _stems(text: str) -> Sought:
    """Words or stems in what the author of a page calls its parts; `_` stands for a blank."""
    return Sought.of({"": re.sub(r"_(?![^\[]*\])", r"\\s", text).split()})


def _words(text: str) -> re.Pattern[str]:
    """Any of the words (or stems; `_` stands for a blank) in small letters, which are sought three times as fast as letters of any case."""
    return re.compile(re.sub(r"_(?![^\[]*\])", r"\\s", "|".join(text.split())))


@cache
def contact_words() -> dict[str, dict[str, Any]]:
    """The tables of `contact_words.toml`."""
    return tomllib.loads((Path(__file__).parent / "contact_words.toml").read_text("utf-8"))


def _listed(name: str) -> re.Pattern[str]:
    """A table of `contact_words.toml` as one pattern: whole words, and signs that may touch letters."""
    table = contact_words()[name]
    return re.compile("|".join([rf"(?<![^\W\d_])(?:{'|'.join(table['words'])})(?![^\W\d_])", *table.get("signs", ())]), re.IGNORECASE)


PRICE_ATTRIBUTE = _stems(
    "price preis prix precio preco preço prezzo cena ceny \\bpret(?![a-z]) pris hinta fiyat harga цена kaina cijena prijs giá amount "
    "our-?price cost koszt money tarif"
)
"""In class, id or itemprop of an element that shows a price."""
OLD_PRICE = _stems(
    "(?<![a-z])old(?!er) price-?old \\bwas\\b was[-_]?price "
    "(?<!with-)(?<!has-)(?<!product-)(?<!products-)(?<!item-)(?<!product_)list[-_]?price "
    "regular before strike "
    "cross(?:ed|ed?out)? line-?through uvp \\brrp\\b msrp retail ancien barr(?:e|é) \\balt(?:er)?[-_]?preis previous original "
    "compare "
    "secondary-?price anterior \\bantes\\b vecchio stara gammel stary starý crossed reference-?price base-?price full-?price price-?market "
    "market-?price advised normal-?price standard-?price first-?price price-?first recommended-?retail "
    "(?<![a-z])eski(?![a-z]) vanha-?hinta ordinarie (?<![a-z])f[oø]r-?pris p[uů]vodn[ií] be[zž]n[aá]-?cena poprzedni przekre[sś]l "
    "pre[tț]-?vechi eredeti-?[aá]r r[eé]gi-?[aá]r gi[aá]-?(?:c[uũ]|g[oố]c) harga-?(?:lama|asli|coret) coret van-?prijs adviesprijs "
    "tachado riscado sin-?descuento prezzo-?(?:pieno|barrato) prix-?(?:normal|initial|conseill) rayé ehemal zuvor"
)
"""In class or id of an element that shows a price no longer asked."""
OLD_PRICE_TEXT = _words(
    "\\bwas\\b \\bstatt\\b \\buvp\\b \\brrp\\b list_price old_price regular_price \\breg\\. au_lieu_de \\bantes\\b "
    "\\binvece\\b běžná retail_price \\bmsrp\\b save you_save spare sparen старая 定價 原價 市價 建議售價 정가 listino"
)
REGULAR_PRICE_TEXT = _words("regular reg\\.")
"""Which of these themes also write before the only price."""
ASIDE = _stems(
    "related similar recommend also-? upsell up-sell cross-?sell carousel slider recent(?:ly)?[-_]?viewed history "
    "(?<![\\w-])(?:(?:site|page|main|global|top)-)?(?:footer|header|nav|menu)(?![\\w-]) "
    "mini-?cart cart-?(?:summary|total|box) basket-?(?:summary|total) "
    "breadcrumb (?<!p)review comment shipping delivery versand livraison instal+ment finance financ month monat ratenz rata- raty "
    "saving (?<![a-z])(?<!price-)(?<!price_)discount(?!ed|[-_]?price) rabat(?!t-?preis) "
    "(?<![a-z])(?<!out-)(?<!with-)(?<!no-)(?<!has-)sidebar suggest accessor bundle together sponsor \\bads?\\b advert filter facet "
    "newsletter popup modal coupon voucher points bonus loyalty warranty "
    "insurance other-?(?:sellers|offers|products) bestsell top-?sell best-?sell crossell last-?seen ultimi simili correlat "
    "associated complement tooltip"
)
"""In class or id of an element or what it lies in: what is shown there is not the price of the product of the page."""
CURRENT_PRICE = _stems(
    "current sale[-_]?price price-?sale final now\\b our[-_]?price special actual today new[-_]?price price-?new "
    "main[-_]?price price-?main promo price[-_]?discount offer selling buy reduced "
    "(?<![a-z])product-?price price-?product aktuell discount(?:ed)?[-_]?price "
    "item[-_]?price price-?value prc-?isum gesamt indirimli khuyen-?mai promocyj akcn[ií] akci[oó]s "
    "tarjous tilbud harga-?(?:promo|diskon) prezzo-?(?:scontato|finale) prix-?(?:final|remis)"
)
UNIT_PRICE = _stems("price-?per grundpreis per-?unit (?<![a-z])ppu(?![a-z]) base-?price comparison-?price")
"""In class or id of an element that shows a price per kilogram or litre; "unit price" is what some call the price of a piece."""
PER_UNIT = re.compile(
    r"(?:/|\b(?:per|pro|je|za|par|por|al|au)\b)\s*(?:1\s?|100\s?)?(?:kg|g|gr|l|ltr|ml|cl|kilo|lit(?:er|re|r)|m²|m2|oz|lb|кг|л)\b",
    re.IGNORECASE,
)
"""In the text of such a price."""
NET_PRICE = _stems(
    "no-?tax without-?tax (?:ex|excl|excluding)-?(?:vat|tax)(?![a-z]) (?<![a-z])nett?o?(?![a-z]) bez-?dph hors-?tax exkl-?moms"
)
"""In class or id of an element that shows a price without tax."""
CURRENT_PRICE_TEXT = _words(
    "特價 特惠價 優惠價 our_price sale_price your_price now_only sonderpreis aktionspreis prix_promo nuestro_precio наша_цена 판매가 할인가"
)
OTHER_AMOUNT_TEXT = _words(
    "免運 運費 滿額 滿_ 點= shipping delivery versand livraison envío spedizione deposit instal+ment per_month monatlich /month /mo_ "
    "доставк кредит рассрочк 배송비 送料 ongkir mindestbestell mindermenge bestellwert warenwert pfand minimum_order minimum_spend "
    "min\\._order \\bmoq\\b montant_minimum commande_minimum consigne pedido_mínimo compra_mínima ordine_minimo minimale_bestel "
    "minimumbestel statiegeld minimalne_zam kaucj минимальный_заказ мин\\._заказ minimal_pembelian"
)
"""In the text of an amount: it is what shipping or a part payment costs."""
CONTACT_PAGE = re.compile(
    rf"(?:{'|'.join(contact_words()['contact_page']['words'])})"
    rf"(?!\w*[-_ ]?(?:{'|'.join(contact_words()['contact_page']['goods_behind'])}))",
    re.IGNORECASE,
)
"""In the path, title or heading of a page about the firm and how to reach it; "contact lens" is goods."""
PHONE_LABEL = _listed("phone")
"""Words that announce a telephone or fax number."""
_PHONE_LABEL_SMALL = re.compile(PHONE_LABEL.pattern)
PHONE_CUT = re.compile(rf"[\s,;|]*(?:{PHONE_LABEL.pattern})[.:\s]*", re.IGNORECASE)
"""A telephone label with what sets it apart, to cut lines there."""


def has_phone_label(text: str) -> bool:
    """Whether `PHONE_LABEL` is found; small letters are sought three times as fast as letters of any case."""
    return _PHONE_LABEL_SMALL.search(text.lower()) is not None


PHONE_LETTER = re.compile(r"(?<![\w.])[TPFMtpfm]\s?[:.)]\s?(?=[+(\d])|(?<![\w.])[TPFM]\s(?=\+|\(?0)")
"""The same in one letter; a lone "p" or "m" is too many other things."""
NO_PHONE = _listed("no_phone")
"""Words that announce a number of another kind: registers, taxes, banks, goods, places."""
CREDIT = Sought.of({"credit": contact_words()["credit"]["words"]}, r"(?<![^\W\d_])", r"(?![^\W\d_])")
"""In a line: what follows is about those who made or host the site."""
BRAND_OF = Sought.of({"": contact_words()["brand_of"]["words"]}, r"(?<![^\W\d_])", r"(?![^\W\d_])")
"""In a line: behind it stands the legal name of whose name it is."""
CREDIT_HEADINGS = Sought.of({"": contact_words()["credit"]["headings"]})
"""Which of the headings below a text may have."""
CREDIT_HEADING = re.compile(rf"\W*(?:{'|'.join(contact_words()['credit']['headings'])})\s*(?:[:：]|$)", re.IGNORECASE)
"""A line that begins a paragraph about them, or says it all behind a colon."""
NOT_FOUND = re.compile(
    "page not found|product not found|\\b404\\b.{0,20}(?:error|not found)|error 404|seite (?:wurde )?nicht gefunden|page introuvable|"
    "p[áa]gina no encontrada|p[áa]gina n[ãa]o encontrada|pagina non trovata|pagina niet gevonden|nie znaleziono strony|"
    "strony nie znaleziono|str[áa]nka (?:nebyla )?nenalezena|str[áa]nka sa nena[šs]la|"
    "sidan (?:hittades inte|kunde inte hittas)|siden (?:blev |ble )?ikke funnet|"
    "sivua ei l[öo]ytynyt|страница не найдена|сторінку не знайдено|sayfa bulunamad[ıi]|halaman tidak ditemukan|"
    "kh[ôo]ng t[ìi]m th[ấa]y trang|ページが見つかりません|"
    "找不到(?:該|该)?(?:頁面|页面|网页|網頁)|页面不存在|頁面不存在|페이지를 찾을 수 없|ไม่พบหน้า|الصفحة غير موجودة",
    re.IGNORECASE,
)
"""In the title or heading of a page that is not there any more."""
BUTTON = re.compile(rf"\W*(?:{'|'.join(contact_words()['button']['words'])})\W*$", re.IGNORECASE)
"""A short text that is a button or a note in the block of a listing."""
LOGIN_WALL = re.compile(r"type=[\"']?password")
"""In the source in lower case."""
SHARE_TITLE = re.compile(r"\s*[|｜»›:–—·•]\s*|\s+[-–—/]\s+|\s*::\s*")
"""What sets the parts of a page title apart."""
