"""Books as text: chapters in order."""

import pytest

from sutazai.reading.failure import Broken, Encrypted, NoText
from sutazai.reading.formats.epub import parse
from tests.support.office import archive, epub, headings, read

LOCKED = (
    '<encryption><EncryptedData><EncryptionMethod Algorithm="{}"/><CipherData>'
    '<CipherReference URI="OPS/text/c%200.xhtml"/></CipherData></EncryptedData></encryption>'
)


def test_chapters_come_in_the_order_of_the_spine_without_the_table_of_contents():
    document = read(parse, epub("<h1>Eins</h1><p>Text &#228;</p>", "<h1>Zwei</h1><h2>Teil</h2>", title="Das Buch"))
    assert document.text == "Eins\n\nText ä\n\nZwei\n\nTeil"
    assert headings(document) == [(1, "Eins"), (1, "Zwei"), (2, "Teil")]
    assert document.title == "Das Buch"


def test_a_chapter_that_is_named_again_and_again_is_read_once():
    data = epub("<p>once</p>")
    assert read(parse, data).text == "once"
    members = {
        "META-INF/container.xml": '<c><rootfile/><rootfile full-path="b.opf"/></c>',
        "b.opf": '<p><manifest><item id="a" href="a.html" media-type="text/html"/></manifest><spine>'
        + '<itemref idref="a"/>' * 50
        + '<itemref idref="none"/></spine></p>',
        "a.html": "<p>once</p>",
    }
    assert read(parse, archive(members)).text == "once"


def test_a_missing_chapter_is_told_of():
    data = epub("<p>one</p>", "<p>two</p>").replace(b"c 1.xhtml", b"c X.xhtml")
    document = read(parse, data)
    assert (document.text, document.notes) == ("one", ("the chapter OPS/text/c 1.xhtml is missing",))


def test_a_book_that_its_seller_has_locked_is_refused_and_one_with_hidden_fonts_is_not():
    with pytest.raises(Encrypted, match="locked"):
        read(parse, epub("<p>x</p>", extra={"META-INF/encryption.xml": LOCKED.format("aes256")}))
    fonts = LOCKED.format("http://www.idpf.org/2008/embedding")
    assert read(parse, epub("<p>x</p>", extra={"META-INF/encryption.xml": fonts})).text == "x"


def test_a_book_that_names_no_content_or_has_none_is_refused():
    with pytest.raises(Broken, match="names no book"):
        read(parse, archive({"META-INF/container.xml": "<container/>"}))
    with pytest.raises(NoText):
        read(parse, epub("<script>1</script>"))
