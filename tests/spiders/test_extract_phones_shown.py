"""Numbers in lines as companies print them, in the forms of many countries, and digits that are no telephone number."""

import pytest

from market_db.values.phones import read_phone
from spiders.extract.contacts import page_contacts
from spiders.extract.document import Document
from spiders.extract.phones_shown import in_sentence, shown_phones


def read(lines, country, thorough=True):
    found = (read_phone(text, country=country) for text in shown_phones(lines, country, thorough))
    return list(dict.fromkeys(phone.e164 for phone in found if phone and phone.e164))


NATIONAL = [
    ("GB", "Tel: 020 7946 0018", "+442079460018"),
    ("DE", "Telefon: 04421 / 91 31 010", "+4944219131010"),
    ("DE", "Fon 0211/123456-78", "+4921112345678"),
    ("DE", "Tel.: +49 (0) 40 / 60 94 80", "+4940609480"),
    ("AT", "T 01/7299548", "+4317299548"),
    ("CH", "Telefon 044 668 18 00", "+41446681800"),
    ("FR", "Tél. : 03 86 67 05 95", "+33386670595"),
    ("FR", "04.72.10.30.30", "+33472103030"),
    ("BE", "Tel. 02 513 89 40", "+3225138940"),
    ("NL", "T: 010 - 200 00 00", "+31102000000"),
    ("NL", "Bel ons: 020-5203200", "+31205203200"),
    ("IT", "Centralino: 02 6269 1234", "+390262691234"),
    ("ES", "Teléfono: 961 557 043", "+34961557043"),
    ("ES", "Tfno. 96 155 70 43", "+34961557043"),
    ("PT", "Telefone: 21 342 92 25", "+351213429225"),
    ("PL", "tel. 22 621 02 41", "+48226210241"),
    ("CZ", "Zavolejte: Telefon 222 333 444", "+420222333444"),
    ("SK", "Tel.: 02/5922 5678", "+421259225678"),
    ("HU", "Telefon: 06 1 234 5678", "+3612345678"),
    ("RO", "Telefon: 021 312 34 56", "+40213123456"),
    ("BG", "Тел.: 02 987 65 43", "+35929876543"),
    ("GR", "Τηλ.: 210 321 4567", "+302103214567"),
    ("TR", "Telefon: 0 (212) 555 12 34", "+902125551234"),
    ("RU", "Тел.: 8 (495) 504-37-01", "+74955043701"),
    ("RU", "8-800-555-35-35", "+78005553535"),
    ("UA", "тел. (044) 392-01-11", "+380443920111"),
    ("SE", "Tel 08-506 105 00", "+46850610500"),
    ("NO", "Tlf. 22 86 44 00", "+4722864400"),
    ("DK", "Tlf.: 33 12 34 56", "+4533123456"),
    ("FI", "Puh. 09 1234 567", "+35891234567"),
    ("US", "Call us at (330)682-2105", "+13306822105"),
    ("US", "phone: 203-367-3000 325 Cherry Street", "+12033673000"),
    ("US", "Phone 510.440.1800 ext. 12", "+15104401800"),
    ("CA", "Tel: 416 967 1111", "+14169671111"),
    ("AU", "Ph: (02) 9374 4000", "+61293744000"),
    ("AU", "Freephone 1300 368 999", "+611300368999"),
    ("NZ", "Phone 09 357 3100", "+6493573100"),
    ("IN", "Phone: 011-23456789", "+911123456789"),
    ("IN", "Mob: 9876543210", "+919876543210"),
    ("ID", "Telp. (021) 555-1234", "+62215551234"),
    ("ID", "HP/WA: 0812-3456-7890", "+6281234567890"),
    ("MY", "Tel: 03-2141 8888", "+60321418888"),
    ("SG", "T: 6737 1234", "+6567371234"),
    ("TH", "โทร. 02-234-5678", "+6622345678"),
    ("VN", "Điện thoại: 028 3823 4567", "+842838234567"),
    ("PH", "Tel. (02) 8888 1234", "+63288881234"),
    ("CN", "电话：010-12345678", "+861012345678"),
    ("CN", "手机：13581683297", "+8613581683297"),
    ("HK", "電話: 2345 6789", "+85223456789"),
    ("TW", "客服專線：02-2345-6789", "+886223456789"),
    ("JP", "電話番号 03-1234-5678", "+81312345678"),
    ("JP", "ＴＥＬ：０３－１２３４－５６７８", "+81312345678"),
    ("KR", "전화: 02-123-4567", "+8221234567"),
    ("AE", "Tel: 04 345 6789", "+97143456789"),
    ("SA", "هاتف: 011 456 7890", "+966114567890"),
    ("SA", "جوال: ٠٥٣٢١٥٥٠٥٨", "+966532155058"),
    ("EG", "تليفون: 02 2345 6789", "+20223456789"),
    ("IL", "טלפון: 03-612-3456", "+97236123456"),
    ("ZA", "Tel: 011 884 1234", "+27118841234"),
    ("NG", "Phone: 0803 123 4567", "+2348031234567"),
    ("KE", "Tel: 020 271 2345", "+254202712345"),
    ("BR", "Telefone: (11) 3456-7890", "+551134567890"),
    ("MX", "Tel. 55 5123 4567", "+525551234567"),
    ("AR", "Tel.: (011) 4321-5678", "+541143215678"),
    ("CL", "Fono: 2 2345 6789", "+56223456789"),
    ("CO", "Celular 310 123 4567", "+573101234567"),
]


@pytest.mark.parametrize(("country", "line", "e164"), NATIONAL)
def test_national_forms_are_read_by_the_plan_of_the_country(country, line, e164):
    assert read([line], country) == [e164]


@pytest.mark.parametrize(
    ("line", "e164"),
    [
        ("+66 (0) 866-825-727", "+66866825727"),
        ("0043 1 7299548", "+4317299548"),
        ("(0049) 40 609480", "+4940609480"),
        ("(+62-21) 555 1234", "+62215551234"),
        ("Tel.(49 211) 5 37 59 40", "+492115375940"),
        ("Phone+46-371-345 10", "+4637134510"),
        ("Tel+6281234567890WhatsApp", "+6281234567890"),
        ("+380 44 392-0-111", "+380443920111"),
        ("＋８１－３－１２３４－５６７８", "+81312345678"),
        ("Trading Contoh AB, Box 14, 333 23 Ort, Sweden, Tel +46-371-345 10, info@contoh.example", "+4637134510"),
    ],
)
def test_the_country_code_suffices(line, e164):
    assert read([line], None) == [e164]


@pytest.mark.parametrize(
    ("lines", "country", "numbers"),
    [
        (["Tel. 021-5551234/35"], "ID", ["+62215551234", "+62215551235"]),
        (["Tel 021-5551234, 5551299"], "ID", ["+62215551234", "+62215551299"]),
        (["+43 (0)4852 68828-0/-785"], "AT", ["+434852688280", "+43485268828785"]),
        (["Phone: 510-440-1800 | Fax: 510-440-1526 | 4120 Clipper Court, Fremont CA 94538"], "US", ["+15104401800", "+15104401526"]),
        (["Tel", "Fax", "22 621 02 41", "22 621 02 42"], "PL", ["+48226210241", "+48226210242"]),
        (["Telefon:", "222 333 444", "E-mail:", "info@contoh.example"], "CZ", ["+420222333444"]),
        (["Tel 020 7946 0018 / 020 7946 0019"], "GB", ["+442079460018", "+442079460019"]),
        (["Phone: (601) 855-5500 or toll free 1-800-428-0584"], "US", ["+16018555500", "+18004280584"]),
        (["a" * 401 + " Tel. 020 7946 0018 " + "b" * 401], "GB", ["+442079460018"]),
    ],
)
def test_several_numbers(lines, country, numbers):
    assert read(lines, country) == numbers


@pytest.mark.parametrize(
    ("country", "line"),
    [
        ("DE", "Amtsgericht Hamburg HRB 123456, USt-IdNr. DE123456789"),
        ("DE", "IBAN: DE89 3704 0044 0532 0130 00, BIC COBADEFF100"),
        ("DE", "Kontonummer 0532 013 000, BLZ 370 400 44"),
        ("DE", "Bestellnummer 040 123456"),
        ("FR", "SIRET 123 456 789 00012, RCS Paris 123 456 789"),
        ("NL", "KvK 01234567, BTW NL012345678B01"),
        ("PL", "NIP: 521-000-00-00, REGON 012345678, KRS 0000123456"),
        ("IT", "P.IVA 01234567890 - C.F. 01234567890"),
        ("ES", "CIF B-96155704"),
        ("SE", "Org.nr 556677-8899"),
        ("RU", "ИНН 7701234567, КПП 770101001, р/с 40702810900000000123"),
        ("UA", "ЄДРПОУ 38012345"),
        ("KR", "사업자등록번호 123-45-67890 통신판매업신고번호 제2013-서울강남-01234호"),
        ("CN", "京ICP备12345678号-1 统一社会信用代码 91110105123456789X"),
        ("TW", "統一編號：22345678"),
        ("VN", "MST: 0312345678"),
        ("ID", "NPWP 01.234.567.8-901.000"),
        ("ID", "Only Rp 1.250.000, call now"),
        ("AU", "ABN 12 345 678 901"),
        ("BR", "CNPJ 12.345.678/0001-90"),
        ("US", "Item # 203-367-3000"),
        ("US", "Item no. 800 555 0199"),
        ("US", "EIN 12-3456789"),
        ("GB", "Company registration number 07946001"),
        ("GB", "© 2003 - 2015 2016-03-01 10:00-18:00"),
        ("GB", "VAT registration no. 207 9460 018"),
        ("ID", "GPS -6.1753924, 106.8271528"),
        ("US", "ISBN 978-0-306-40615-7"),
        ("JP", "登録番号 T1234567890123"),
        ("SA", "السجل التجاري 1010123456"),
    ],
)
def test_other_numbers_are_no_telephone(country, line):
    assert read([line], country) == []


@pytest.mark.parametrize(
    ("line", "thorough", "found"),
    [
        ("(020) 7946 0018", True, True),
        ("In 1997 we sold 0794 600 18 jars", False, False),
        ("Our bestseller has 22 864 400 grains", True, False),
    ],
)
def test_without_a_label_only_the_form_of_a_contact_page_is_believed(line, thorough, found):
    assert bool(read([line], "GB", thorough)) is found


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("To arrange a repair of your mixer please contact the maker's customer service department on 020 7946 0000", True),
        ("Если товар не подошёл, свяжитесь с отделом возврата нашего партнёра в городе, номер 8 (495) 123-45-67", True),
        ("Pour toute question sur la garantie adressez-vous au fabricant de votre appareil au 01 99 00 12 34.", True),
        ("Need help? Call 1-800-555-0123", False),
        ("Order by phone: 020 7946 0000", False),
        ("020 7946 0000 is open from nine to five on all days but Sundays and holidays", False),
        ("Toko Rasa (sample) Ltd, Unit 4, 12 Example Street, London SE1 2AB, Great Britain, Tel. 020 7946 0000", False),
        ("If you have any question about this or another product please call us on 020 7946 0000", False),
        ("商品退換貨及相關問題，請洽客服專線：(02)2711-1758，服務時間：週一至週五", False),
        ("", False),
    ],
)
def test_a_number_behind_a_sentence_is_told_from_one_behind_its_label(line, told):
    assert in_sentence(line) is told


@pytest.mark.parametrize(
    ("line", "phones"),
    [
        ("For the guarantee of this warmer please ask the maker's customer service department on 020 7946 0000.", ()),
        ("Order by phone: 020 7946 0000", ("020 7946 0000",)),
    ],
)
def test_a_page_about_a_product_gives_no_numbers_of_its_sentences(line, phones):
    doc = Document(
        f"<html><body><h1>Sambal</h1><p>{line}</p><p>sales@toko.example</p></body></html>".encode(), "https://toko.example/p", {}
    )
    found = page_contacts(doc, "GB", thorough=False, product=True)
    assert (found.phones, found.emails) == (phones, ("sales@toko.example",))
    assert page_contacts(doc, "GB", thorough=False).phones == ("020 7946 0000",)
