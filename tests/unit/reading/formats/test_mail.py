"""Mail as text: heads, bodies, what is attached, and mailboxes."""

from contextlib import suppress
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sutazai.reading.failure import ParseFailed, TooLarge
from sutazai.reading.formats.mail import parse
from tests.support.office import assert_places, headings, read

PIECES = st.lists(
    st.sampled_from(
        [
            b"Subject: x\n",
            b"From: =?utf-8?b?zzz?=\n",
            b"Content-Type: multipart/mixed; boundary=b\n",
            b"\n",
            b"--b\n",
            b"--b--\n",
            b"Content-Type: message/rfc822\n",
            b"Content-Type: text/html; charset=nope\n",
            b"<p>hi</p>\n",
            b"Content-Transfer-Encoding: base64\n",
            b"Content-Transfer-Encoding: quoted-printable\n",
            b"=C3=\n",
            b"QUI=\n",
            b"Content-Disposition: attachment; filename*0*=utf-8''%E4\n",
            b"From a\n",
            b"\xff\xfe\n",
            b": x\n",
            b" folded\n",
            b"Subject: =?unknown?q?a?= =?utf-8?q?=ff?=\n",
            b'Content-Type: text/plain; charset="\n',
            b"\x00\r\r\n",
        ]
    ),
    max_size=25,
).map(b"".join)


def message(subject: str = "Grüße aus Köln", text: str = "Hallo\nWelt") -> EmailMessage:
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = subject, "Jörg <j@example.org>", "a@example.org"
    made["Date"] = "Mon, 01 Jan 2024 10:00:00 +0000"
    made.set_content(text)
    return made


def test_a_message_has_its_subject_as_heading_its_head_and_its_text():
    document = read(parse, message().as_bytes())
    assert document.text == (
        "Grüße aus Köln\n\nFrom: Jörg <j@example.org>\nTo: a@example.org\nDate: Mon, 01 Jan 2024 10:00:00 +0000"
        "\n\nHallo\nWelt"
    )
    assert (document.title, headings(document)) == ("Grüße aus Köln", [(1, "Grüße aus Köln")])


def test_of_several_forms_the_plain_one_is_read():
    made = message()
    made.add_alternative("<p>Rich</p>", subtype="html")
    assert "Rich" not in read(parse, made.as_bytes()).text


def test_of_several_forms_the_rich_one_is_read_where_the_plain_one_is_empty():
    made = message(text=" ")
    made.add_alternative("<head><title>no title</title></head><h1>Rich</h1><p>text</p>", subtype="html")
    document = read(parse, made.as_bytes())
    assert document.text.endswith("Rich\n\ntext")
    assert headings(document)[1:] == [(2, "Rich")]
    assert document.title == "Grüße aus Köln"


def test_attachments_are_named_and_never_opened():
    made = message()
    made.add_attachment(b"SECRET", maintype="application", subtype="pdf", filename="Übersicht.pdf")
    made.add_attachment("inside", filename="notes.txt")
    made.add_attachment(b"x", maintype="image", subtype="png")
    text = read(parse, made.as_bytes()).text
    assert text.endswith("Welt\n\nAttachment: Übersicht.pdf\nAttachment: notes.txt")


def test_a_message_within_a_message_is_a_part_of_it():
    made = message()
    made.add_attachment(message("Inner", "inner text"))
    document = read(parse, made.as_bytes())
    assert headings(document) == [(1, "Grüße aus Köln"), (2, "Inner")]
    assert document.text.endswith("inner text")


def test_old_heads_and_bodies_of_any_encoding_are_read():
    raw = (
        b"Subject: =?iso-8859-1?Q?Gr=FC=DFe?= an =?koi8-r?B?9sna?=\nTo: J\xf6rg und \xc4nne\nContent-Type: text/plain;"
    )
    document = read(parse, raw + b' charset="koi8-r"\nContent-Transfer-Encoding: 8bit\n\n' + "Жизнь".encode("koi8-r"))
    assert document.text == "Grüße an Жиз\n\nTo: Jörg und Änne\n\nЖизнь"


def test_a_mailbox_is_read_message_by_message():
    box = b"".join(b"From a@b Mon Jan 1\nSubject: m%d\n\nbody %d\n>From here\n\n" % (each, each) for each in (1, 2))
    document = read(parse, box)
    assert headings(document) == [(1, "m1"), (1, "m2")]
    assert document.text == "m1\n\nbody 1\nFrom here\n\nm2\n\nbody 2\nFrom here"
    assert document.title == ""


def test_a_line_that_begins_with_from_in_a_message_begins_no_other():
    assert headings(read(parse, b"Subject: s\n\ntext\nFrom here on: x\n")) == [(1, "s")]


def test_a_page_that_is_too_deep_costs_only_its_part():
    document = read(parse, b"Subject: s\nContent-Type: text/html\n\n" + b"<div>" * 6_000)
    assert document.notes == ("a part was left out: its HTML nests more than 5000 deep",)


@pytest.mark.parametrize(
    "data",
    [
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (each, each) for each in range(60)),
        b"Content-Type: message/rfc822\n\n" * 60,
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (each, each) for each in range(3_000)),
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 6_000,
    ],
)
def test_parts_without_end_are_refused(data):
    with pytest.raises(TooLarge):
        read(parse, data)


@given(PIECES)
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_text_with_places_or_a_reason(data):
    with suppress(ParseFailed):
        assert_places(read(parse, data))
