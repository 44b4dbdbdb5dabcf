"""The words of a reply, from what mail programs really send. No word of the writer may be lost."""

# ruff: noqa: E501  (mails as programs send them)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.delivery.reply_text import CUT, MAX_REPLY_LENGTH, extract_reply_text, from_html, unwrap_flowed

OURS = "> Beste bewoner van Oosterhaven,\n> Wat wij besloten\n> Dit gaat door."

# program, what it sends -> what its writer wrote
PROGRAMS = [
    ("Gmail, Dutch", f"Wanneer dan?\n\nOp do 26 nov 2026 om 20:05 schreef Gemeente Waterdam <a@b.nl>:\n\n{OURS}", "Wanneer dan?"),
    ("Gmail, broken line", f"Wanneer?\n\nOp do 26 nov 2026 om 20:05 schreef Gemeente Waterdam <\nantwoord@waterdam.nl>:\n{OURS}", "Wanneer?"),
    ("Gmail, English", f"When?\n\nOn Thu, 26 Nov 2026 at 20:05, Gemeente <a@b.nl> wrote:\n{OURS}", "When?"),
    ("Apple Mail, Dutch", f"Mooi!\n\n> Op 26 nov 2026, om 20:05 heeft Gemeente <a@b.nl> het volgende geschreven:\n> \n{OURS}", "Mooi!"),
    ("Apple Mail, unquoted line", f"Mooi!\n\nOp 26 nov 2026, om 20:05 heeft Gemeente <a@b.nl> het volgende geschreven:\n\n{OURS}", "Mooi!"),
    ("Apple Mail, English", f"Nice.\n\nOn 26 Nov 2026, at 20:05, Gemeente <a@b.nl> wrote:\n\n{OURS}", "Nice."),
    ("iPhone, Dutch", f"Ok\n\nVerstuurd vanaf mijn iPhone\n\n> Op 26 nov 2026 om 20:05 heeft Gemeente <a@b.nl> het volgende geschreven:\n> \n{OURS}", "Ok"),
    ("iPhone, English", f"Ok\n\nSent from my iPhone\n\n> On 26 Nov 2026, at 20:05, Gemeente <a@b.nl> wrote:\n{OURS}", "Ok"),
    ("Thunderbird, Dutch", f"Op 26-11-2026 om 20:05 schreef Gemeente:\n{OURS}\n\nWaar is dat?", "Waar is dat?"),
    ("Thunderbird, English", f"On 26/11/2026 20:05, Gemeente wrote:\n{OURS}\nWhere is that?", "Where is that?"),
    ("Outlook, Dutch", "Niet mee eens.\n\nVan: Gemeente Waterdam <a@b.nl>\nVerzonden: donderdag 26 november 2026 20:05\nAan: bewoner@example.nl\nOnderwerp: Uw antwoord\n\nBeste bewoner,\nDit gaat door.", "Niet mee eens."),
    ("Outlook, English", "I disagree.\n\nFrom: Gemeente <a@b.nl>\nSent: Thursday, 26 November 2026 20:05\nTo: r@example.nl\nSubject: Your answer\n\nDear resident", "I disagree."),
    ("Outlook.com", "Dank u.\n________________________________\nVan: Gemeente <a@b.nl>\nVerzonden: donderdag 26 november 2026\nAan: r@example.nl\nOnderwerp: Uw antwoord\n\nBeste bewoner", "Dank u."),
    ("Outlook on a phone", "Dank u.\n\nOutlook voor Android downloaden<https://aka.ms/x>\n________________________________\nFrom: Gemeente <a@b.nl>\nSent: Thursday\nTo: r\nSubject: x\n\nBeste", "Dank u."),
    ("Outlook, bold", "Ja.\n\n*Van:* Gemeente <a@b.nl>\n*Verzonden:* donderdag\n*Aan:* r\n*Onderwerp:* x\nBeste", "Ja."),
    ("Samsung", "Prima\n\n\n-------- Oorspronkelijk bericht --------\nVan: Gemeente <a@b.nl>\nDatum: 26-11-2026 20:05 (GMT+01:00)\nAan: r\nOnderwerp: x\n\nBeste bewoner", "Prima"),
    ("Old Outlook", "Fine\n\n-----Original Message-----\nFrom: x\n\nDear", "Fine"),
    ("Zoho", f"Goed.\n\n---- Op do, 26 nov. 2026 20:05:11 +0100 Gemeente <a@b.nl> schreef ----\n{OURS}", "Goed."),
    ("German", f"Danke.\n\nAm 26.11.26 um 20:05 schrieb Gemeente:\n{OURS}", "Danke."),
    ("a language we have no words for", f"Teşekkürler\n\nGemeente <a@b.nl>, 26 Kas 2026 Per, 20:05 tarihinde şunu yazdı:\n{OURS}", "Teşekkürler"),
    ("between the lines", f"Op 26-11-2026 om 20:05 schreef Gemeente:\n{OURS}\nNee, dat ging niet door.\n> Wat komt er nu?\nDat vraag ik u.", "Nee, dat ging niet door.\nDat vraag ik u."),
    ("no quote at all", "Gewoon een antwoord.", "Gewoon een antwoord."),
]  # fmt: skip

# what is signed, and what only looks like it
SIGNED = [
    ("Waar?\n\nMet vriendelijke groet,\nA. Bewoner\nKade 1\n06 12345678", "Waar?"),
    ("Waar?\n\nGroetjes Anna", "Waar?"),
    ("Waar?\n\nMvg\nAnna", "Waar?"),
    ("Where?\n\nKind regards,\nAnna", "Where?"),
    ("Waar?\n-- \nAnna\nKade 1", "Waar?"),
    ("Bedankt, maar dit is geen antwoord.", "Bedankt, maar dit is geen antwoord."),
    ("Groetjes aan de wijkmanager", "Groetjes aan de wijkmanager"),
    ("Waar?\n\nGroet\nPs. En de lamp is nog steeds stuk!", "Waar?\n\nGroet\nPs. En de lamp is nog steeds stuk!"),
    ("Ik mis:\n- een bankje\n- een lamp", "Ik mis:\n- een bankje\n- een lamp"),
    ("Van: wie is dit bankje eigenlijk?", "Van: wie is dit bankje eigenlijk?"),
    ("Op de kade schreef iemand op de muur:\nweg ermee", "Op de kade schreef iemand op de muur:\nweg ermee"),
    ("Kijk.\nOp de kade schreef iemand op de muur:\nweg ermee", "Kijk.\nOp de kade schreef iemand op de muur:\nweg ermee"),
    ("> alleen een citaat", ""),
    ("Verzonden vanaf mijn iPhone", ""),
    ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("program", "sent", "words"), PROGRAMS, ids=[program for program, *_rest in PROGRAMS]
)
def test_quotes_go_whatever_the_program(program, sent, words):
    assert extract_reply_text(sent) == words
    assert extract_reply_text(sent.replace("\n", "\r\n")) == words


@pytest.mark.parametrize(("sent", "words"), SIGNED)
def test_signatures_go_and_words_stay(sent, words):
    assert extract_reply_text(sent) == words


def test_answer_under_an_outlook_quote_is_not_lost():
    sent = (
        "Van: Gemeente <a@b.nl>\nVerzonden: donderdag\nAan: r\nOnderwerp: x\n\nBeste bewoner\n\nMijn antwoord"
    )
    assert "Mijn antwoord" in extract_reply_text(sent)


HTML = [
    ("<div dir='ltr'>Wanneer?</div><br><div class='gmail_quote'><div>Op do schreef X:</div><blockquote>Beste</blockquote></div>", "Wanneer?"),
    ("<p>Ja &amp; nee</p><p>Tot dan</p><blockquote type='cite'><div>Op 26 nov</div>Beste</blockquote>", "Ja & nee\nTot dan"),
    ("<div>Ok</div><div id='appendonsend'></div><hr><div id='divRplyFwdMsg'>Van: X</div><div>Beste</div>", "Ok"),
    ("<style>p{color:red}</style><script>alert(1)</script>Hoi<br>daar", "Hoi\ndaar"),
    ("<blockquote>citaat</blockquote><div>onder</div>", "onder"),
]  # fmt: skip


@pytest.mark.parametrize(("html", "words"), HTML)
def test_html_reads_as_a_person_reads_it(html, words):
    assert extract_reply_text(from_html(html)) == words


def test_soft_line_ends_are_joined():
    assert unwrap_flowed("Een lange \nzin.\n-- \nAnna") == "Een lange zin.\n-- \nAnna"


def test_what_is_too_long_is_cut_and_says_so():
    words = extract_reply_text("a b " * MAX_REPLY_LENGTH)
    assert len(words) <= MAX_REPLY_LENGTH and words.endswith(CUT)


LINES = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.sampled_from(
            ["> x", "-- ", "Van: a", "Aan: b", "Onderwerp: c", "Op 1 schreef a:", "Groet", "___________"]
        ),
    ),
    max_size=12,
)


@given(LINES)
def test_nothing_breaks_it_and_it_invents_nothing(lines):
    words = extract_reply_text("\n".join(lines))
    sent = "\n".join(lines)
    assert all(line.strip() in sent for line in words.splitlines())
