"""Whole pages of companies, as their makers build them in many countries: name, country, telephones and mailboxes together."""

import pytest

from spiders.extract.flat import flat_page
from spiders.extract.page import extract_page

PAGES = {
    "an imprint (de)": (
        "https://www.contohfeinkost.com/impressum",
        """<html lang=de><title>Impressum - Contoh Feinkost</title><header><a id=logo><img alt='Contoh Feinkost'></a></header>
        <h1>Impressum</h1><p>Angaben gemäß § 5 TMG</p><p>Contoh Feinkost Handels GmbH<br>Hafenstr. 12<br>20457 Hamburg</p>
        <p>Vertreten durch: Geschäftsführerin Erika Beispiel</p><p>Telefon: 040 / 12 34 56-0<br>Telefax: 040 / 12 34 56-99<br>
        E-Mail: <a href='mailto:info@contohfeinkost.com'>info@contohfeinkost.com</a></p>
        <p>Ansprechpartner Einkauf: Erika Beispiel, e.beispiel@contohfeinkost.com</p>
        <p>Registergericht: Amtsgericht Hamburg, Registernummer: HRB 123456<br>USt-IdNr.: DE123456789</p>
        <p>Webdesign: Agentur Muster, hallo@agentur.example</p>""",
        ("Contoh Feinkost Handels GmbH", "DE", {"+49401234560", "+494012345699"}, {"info@contohfeinkost.com"}),
    ),
    "mentions légales (fr)": (
        "https://contohepices.com/mentions-legales",
        """<html lang=fr><title>Mentions légales | Contoh Épices</title><h1>Mentions légales</h1>
        <p>Raison sociale : Contoh Épices SARL</p><p>12 rue du Port<br>13002 Marseille</p><p>Tél. : 04 91 12 34 56</p>
        <p>contact@contohepices.com</p><p>SIRET : 123 456 789 00012 - RCS Marseille 123 456 789</p><p>Directeur : jean.dupont@contohepices.com</p>
        <p>Hébergeur</p><p>Héberge Tout SAS</p><p>2 quai du Nord, 59100 Roubaix</p><p>09 72 10 10 07</p><p>support@heberge.example</p>
        <footer>© 2026 Contoh Épices</footer>""",
        ("Contoh Épices SARL", "FR", {"+33491123456"}, {"contact@contohepices.com"}),
    ),
    "a shop in the United States": (
        "https://www.contohsauce.com/contact-us.html",
        """<html><title>Contoh Sauce Co. - Contact Us (203) 367-3000</title><div class=logo><img alt='Contoh Sauce Co.'></div>
        <h1>Contact Us</h1><p>Contoh Sauce Co.<br>325 Cherry Street<br>Bridgeport, CT 06605</p><p>Phone: 203-367-3000 | Toll free 1-800-428-0584</p>
        <p>Fax (203) 367-3001</p><p>Sales: <a href="mailto:%73ales@contohsauce.com">e-mail us</a>, or ask Mary: mary@contohsauce.com</p>
        <form><input name=email placeholder='name@domain.com' value='your@email.com'></form><p>©2009-2026 Contoh Sauce Co.</p>
        <p>Powered by Shop Software. support@shopsoftware.example</p>""",
        ("Contoh Sauce Co", "US", {"+12033673000", "+18004280584", "+12033673001"}, {"sales@contohsauce.com"}),
    ),
    "a wholesaler (nl) on .com": (
        "https://contohgroothandel.com/contact",
        """<html lang=nl><title>Contact - Contoh Groothandel</title><h1>Neem contact op</h1><h3>Adres</h3>
        <p>Contoh Groothandel B.V.</p><p>Havenweg 1</p><p>3011 AA Rotterdam</p><table><tr><td>Telefoon</td><td>010 - 200 00 00</td></tr>
        <tr><td>Inkoop</td><td>inkoop@contohgroothandel.com</td></tr><tr><td>KvK</td><td>01234567</td></tr><tr><td>BTW</td><td>NL001234567B01</td></tr>
        <tr><td>IBAN</td><td>NL91 ABNA 0417 1643 00</td></tr></table><p>Contactpersoon: Jan de Vries, j.devries@contohgroothandel.com</p>""",
        ("Contoh Groothandel B.V.", "NL", {"+31102000000"}, {"inkoop@contohgroothandel.com"}),
    ),
    "a manufacturer in China, in English": (
        "http://www.contohfoods.com/contact.html",
        """<html><title>Contact us-Shenzhen Contoh Foods Co., Ltd.</title><h2>Contact us</h2><p>Shenzhen Contoh Foods Co., Ltd.</p>
        <p>Add: No. 8 Keji Road, Nanshan District, Shenzhen, Guangdong, China 518057</p><p>Contact Person: Ms. Wang Li</p>
        <p>Tel:0086-755-26712345/26712346</p><p>Fax: 86-755-26712347</p><p>E-mail: sales@contohfoods.comSkype:contohfoods</p>
        <p>wangli@contohfoods.com</p><p>粤ICP备12345678号</p>""",
        ("Shenzhen Contoh Foods Co., Ltd.", "CN", {"+8675526712345", "+8675526712346", "+8675526712347"}, {"sales@contohfoods.com"}),
    ),
    "a firm in Indonesia": (
        "https://www.contohrasa.com/hubungi-kami",
        """<html lang=id><title>Hubungi Kami | Contoh Rasa</title><h1>Hubungi Kami</h1><p>PT Contoh Rasa Nusantara</p>
        <p>Jl. Pelabuhan No. 5, Tanjung Priok, Jakarta Utara 14310</p><p>Telp. (021) 4390-1234, 4390-1235</p><p>HP/WA: 0812-3456-7890 (Bpk. Budi)</p>
        <p>Email: ekspor@contohrasa.com / budi@contohrasa.com</p><p>NPWP 01.234.567.8-901.000</p>""",
        ("PT Contoh Rasa Nusantara", "ID", {"+622143901234", "+622143901235", "+6281234567890"}, {"ekspor@contohrasa.com"}),
    ),
    "a firm in Russia": (
        "http://contohspice.com/kontakty/",
        """<html lang=ru><title>Контакты — Контох Специи</title><h1>Контакты</h1><p>ООО «Контох Специи»</p>
        <p>115114, г. Москва, Портовая ул., д. 5</p><p>Тел./факс: 8 (495) 504-37-01, +7 (963) 755-97-22</p><p>E-mail: zakaz@contohspice.com</p>
        <p>Менеджер Иванова Анна: ivanova@contohspice.com</p><p>ИНН 7701234567 КПП 770101001 р/с 40702810900000000123 БИК 044525225</p>
        <p>Создание сайта — Студия, studio@studio.example</p>""",
        ("ООО «Контох Специи»", "RU", {"+74955043701", "+79637559722"}, {"zakaz@contohspice.com"}),
    ),
    "a firm in Japan": (
        "https://contohshokuhin.com/company/",
        """<html lang=ja><title>会社概要｜コントー食品</title><h1>会社概要</h1><table><tr><th>会社名</th><td>コントー食品株式会社</td></tr>
        <tr><th>代表者</th><td>見本 太郎</td></tr><tr><th>所在地</th><td>〒105-0001 東京都港区虎ノ門1-1-1</td></tr>
        <tr><th>電話番号</th><td>03-1234-5678（代表）</td></tr><tr><th>FAX</th><td>03-1234-5679</td></tr>
        <tr><th>メール</th><td>info@contohshokuhin.com</td></tr><tr><th>法人番号</th><td>1234567890123</td></tr></table>""",
        ("コントー食品株式会社", "JP", {"+81312345678", "+81312345679"}, {"info@contohshokuhin.com"}),
    ),
    "a firm in Korea": (
        "https://contohfood.com/company",
        """<html lang=ko><title>회사소개 - 콘토푸드</title><h1>회사소개</h1><footer><p>상호: 주식회사 콘토푸드 | 대표이사: 홍길동</p>
        <p>사업자등록번호 123-45-67890 | 통신판매업신고 제2015-서울강남-01234호</p><p>서울특별시 강남구 테헤란로 123 | 대표전화 02-123-4567 | 팩스 02-123-4568</p>
        <p>help@contohfood.com</p></footer>""",
        ("주식회사 콘토푸드", "KR", {"+8221234567", "+8221234568"}, {"help@contohfood.com"}),
    ),
    "an office in Dubai": (
        "https://contohtrading.com/contact-us/",
        """<html lang=en-US><title>Contact Us &#8211; Contoh General Trading LLC</title><h1>Contact Us</h1><h4>Head Office</h4>
        <p>Contoh General Trading LLC</p><p>P.O. Box 12345, Deira, Dubai, UAE</p><p>T: +971 4 345 6789 F: +971 4 345 6780</p>
        <p>info@contohtrading.com</p><p>sales(@)contohtrading.com</p>""",
        ("Contoh General Trading LLC", "AE", {"+97143456789", "+97143456780"}, {"info@contohtrading.com"}),
    ),
    "a firm in Spain": (
        "https://www.contohsalsas.com/aviso-legal",
        """<html lang=es><title>Aviso legal - Contoh Salsas</title><h1>Aviso legal</h1><p>Titular: Contoh Salsas, S.L.</p><p>CIF: B-12345678</p>
        <p>Domicilio: Calle del Puerto 1, 46900 Torrent (Valencia)</p><p>Teléfono: 961 557 043</p><p>Correo: pedidos@contohsalsas.com</p>
        <p>Inscrita en el Registro Mercantil de Valencia, Tomo 1234, Folio 56, Hoja V-12345</p>""",
        ("Contoh Salsas, S.L.", "ES", {"+34961557043"}, {"pedidos@contohsalsas.com"}),
    ),
    "a firm in Poland": (
        "https://contohsmak.com/kontakt",
        """<html lang=pl><title>Kontakt - Contoh Smak</title><h1>Kontakt</h1><p>Contoh Smak Sp. z o.o.</p><p>ul. Portowa 5</p><p>81-350 Gdynia</p>
        <p>tel. 58 621 02 41, kom. 601 234 567</p><p>NIP: 586-000-00-00 REGON: 190012345 KRS: 0000123456</p><p>biuro@contohsmak.com, anna.kowalska@contohsmak.com</p>
        <p>Nr konta: 12 1020 5558 1111 1234 5678 9012</p>""",
        ("Contoh Smak Sp. z o.o.", "PL", {"+48586210241", "+48601234567"}, {"biuro@contohsmak.com"}),
    ),
    "a firm in Canada without an address": (
        "https://contohmaple.com/contact",
        """<html lang=en><title>Contact | Contoh Maple Foods</title><h1>Contact</h1><p>Call us: 416-967-1111</p><p>orders@contohmaple.com</p>
        <p>© 2026 Contoh Maple Foods</p>""",
        ("Contoh Maple Foods", "CA", {"+14169671111"}, {"orders@contohmaple.com"}),
    ),
    "a firm in Australia": (
        "https://contohpantry.com/contact",
        """<html lang=en-AU><title>Contoh Pantry - Contact Us</title><h1>Contact Us</h1><p>Contoh Pantry Pty Ltd</p><p>ABN 12 345 678 901</p>
        <p>12 Smith Street, Collingwood VIC 3066</p><p>Ph: (03) 9374 4000</p><p>Mon-Fri 9:00 - 17:00</p><p>hello@contohpantry.com</p>""",
        ("Contoh Pantry Pty Ltd", "AU", {"+61393744000"}, {"hello@contohpantry.com"}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PAGES)
def test_a_page_of_a_company(case):
    url, markup, (name, country, phones, emails) = PAGES[case]
    page = extract_page(markup.encode(), url, {"content-type": "text/html; charset=utf-8"})
    flat = flat_page(page)
    assert flat["seller"].rstrip(".") == name.rstrip(".")
    assert flat["country"] == country
    assert set(flat["phones"]) == phones
    assert set(flat["emails"]) == emails
    assert page.kind == "company"


def read(markup, url="https://contohrasa.com/"):
    page = extract_page(markup.encode(), url, {"content-type": "text/html; charset=utf-8"})
    return page, flat_page(page)


def test_a_front_page_names_its_firm_though_it_shows_no_contact():
    page, flat = read("<html lang=en><title>Contoh Rasa | Sauces</title><h1>Welcome</h1><p>© 2026 Contoh Rasa Ltd.</p>")
    assert (page.kind, page.records) == ("other", ())
    assert flat["seller"] == "Contoh Rasa Ltd."


def test_a_front_page_shows_its_number_without_a_label():
    assert read("<html lang=en><title>Contoh Rasa</title><p>55 Kidron Rd. Orrville, OH 44667 (330) 682-2105</p>")[1]["phones"] == [
        "+13306822105"
    ]


def test_a_chat_link_is_a_telephone_number():
    body = "<title>Contact</title><a href='https://wa.me/6281234567890?text=hi'>Chat</a><a href='https://api.whatsapp.com/send?phone=%2B442079460018'>Chat</a>"
    assert read(body)[1]["phones"] == ["+6281234567890", "+442079460018"]


@pytest.mark.parametrize(("local", "kept"), [("contohrasa", True), ("contoh.rasa", True), ("budi.contohrasa", False), ("budi", False)])
def test_a_free_mailbox_with_the_name_of_the_site_is_the_firm_s(local, kept):
    found = read(f"<title>Contact</title><p>{local}@gmail.com</p>")[1]["emails"]
    assert found == ([f"{local}@gmail.com"] if kept else [])


def test_branches_of_a_firm_are_no_directory():
    blocks = "".join(f"<div class=b><h3>Branch {n}</h3><a href='tel:010 20000{n:02}'>010 20000{n:02}</a></div>" for n in range(4))
    page, flat = read(
        f"<html lang=nl><title>Contact | Contoh Rasa</title><h1>Contact</h1>{blocks}<p>Contoh Rasa B.V., Weg 1, 3011 AA Ort</p>"
    )
    assert page.kind == "company"
    assert flat["seller"] == "Contoh Rasa B.V."
    assert len(flat["phones"]) == 4
