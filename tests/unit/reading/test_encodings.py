"""Which encoding old text is in."""

import pytest

from sutazai.reading.decoding import decode_text
from sutazai.reading.draft import Draft
from sutazai.reading.encodings import guess_encoding, note_losses

TEXTS = {
    "Привет, мир. Это обычный русский текст: сегодня хорошая погода, и мы живём.": ("cp1251", "koi8_r"),
    "これは日本語の文章です。東京の天気は晴れです。カタカナも使います。": ("cp932", "euc_jp", "iso2022_jp"),
    "这是一个中文文本。我们今天去北京参观故宫,天气很好。": ("gb18030",),
    "이것은 한국어 문장입니다. 오늘 날씨가 좋습니다.": ("cp949",),
    "Die Größe der Tür beträgt drei Meter. Über die Straße läuft ein Äffchen.": ("cp1252",),
    "L'été dernier, nous avons mangé des crêpes à côté de la forêt. Ça coûte 5 €.": ("cp1252",),
    "El niño comió piñas mañana en España. ¿Cómo estás? ¡Qué día!": ("cp1252",),
    "Zażółć gęślą jaźń. Wczoraj poszliśmy do sklepu, żeby kupić świeże bułki.": ("cp1250",),
    "Příliš žluťoučký kůň úpěl ďábelské ódy. Dnes je hezké počasí v Praze.": ("cp1250",),
    "Αυτό είναι ένα ελληνικό κείμενο που μιλάει στην Αθήνα.": ("cp1253",),
    "זהו טקסט בעברית על מזג האוויר בירושלים. היום יום יפה מאוד ואנחנו הולכים לים עם הילדים.": ("cp1255",),
    "هذا نص باللغة العربية عن الطقس في القاهرة.": ("cp1256",),
    "Jörg und Änne": ("cp1252",),
}  # fmt: skip


@pytest.mark.parametrize(("text", "encoding"), [(text, each) for text, names in TEXTS.items() for each in names])
def test_text_of_old_encodings_is_read_by_what_languages_look_like(text, encoding):
    assert decode_text(text.encode(encoding)) == text


def test_utf_8_with_a_few_broken_bytes_stays_utf_8():
    data = "Grüße über Länder. ".encode() * 20 + b"\xff" + b" cut \xc3"
    assert guess_encoding(data) == "utf-8"
    assert decode_text(data).startswith("Grüße")


def test_ascii_is_the_usual_encoding():
    assert guess_encoding(b"plain") == "cp1252"


def test_a_stretch_far_into_the_text_tells():
    text = "x" * 200_000 + "Это обычный русский текст: сегодня хорошая погода"
    assert decode_text(text.encode("cp1251")) == text


def test_what_fits_no_encoding_is_counted_in_a_note_unless_it_was_there_before():
    draft = Draft()
    note_losses(b"a\xff", "a\ufffd", draft)
    note_losses("\ufffd".encode(), "\ufffd\ufffd", draft)
    note_losses(b"a", "a", draft)
    draft.paragraph("x")
    assert draft.finish("text").notes == ("1 places in its text fit no encoding and show as \ufffd",)
