"""The 512 words that private codes are made of.

Everyday Dutch words of three to seven letters that can be read out over the telephone and typed from
paper. No two differ by one letter (added, left out, changed or swapped with its neighbour) and no two
sound the same; none has ij, ei, ou or au (which sound alike in pairs), x, y or q; none means anything a
council would not want to write to somebody. No two words run together can be read as two other words, so
a code survives the loss of its hyphens. tests/accounts/test_codes.py holds all of this.

The list may never change while a code made from it is in use: without a word, the codes that contain it stop working.
"""

import re
import secrets
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Protocol

_LIST = """
agenda akker album amandel ananas anjer antenne appel april aster atlas avond baars badpak balk
balkon balsem bamboe banaan banjo banket bed beker berg bergpas bergtop beuk bezem biet blad bliksem
bloem bloesem boek bonsai boog boomhut bord borstel bosbes bospad bosrand bosuil boter bowling brem
brief bron brood brug buizerd buurt cactus camera citroen dadel dakgoot dakpan dakraam dal dekbed
deksel delta deur deurbel deurmat dille dinsdag distel domino donder doos dorp draad drempel droom
druif duim egel ekster eland emmer envelop erwt esdoorn fazant fiets filter fles fluit fluweel forel
friet fuut gans garen garnaal gazon gebak gember gerst gevel gezin gieter giraf gitaar golf gong
goot gordel gras grasmat grind groet grutto gum haard haas hamer hamster handbal handvat hangmat
haring harp haven havik hazel heg hemel hendel herberg herder herfst hert heuvel hoepel hommel hond
honing hooi hoorn huis hulst idee iglo inkt inktvis iris jas jojo juli kaart kabel kachel kade
kalkoen kameel kamille kamp kanaal kanarie kano kapstok kar karper kasteel katoen kelder kermis kers
kervel ketel ketting keuken kever kievit kiezel kikker kiosk kiwi klaver kleed klimop klok kluis
knipoog knop knuffel koala koets koffer koffie kokos komeet kompas kookpot kool koord koper korf
korrel korst kraai krab kralen krant kreeft kreek krekel kristal krokus kroon kruid kruimel kubus
kudde kurk kussen kust kwark kwartel kwast laan ladder laken lama laser leem leeuw lelie lente lepel
libel limoen linde linnen lint liter loep loket lucifer luifel luik maaier maandag maanvis magneet
makreel mand mango mantel markt marmer matras matroos mees melk melodie meloen merel metaal metro
middag midden mier mist moeras mok molen mortel motor muffin munt mus museum muur muziek naald nacht
nagel narcis nectar nest noorden oase oceaan ochtend oester oktober olifant omelet oogst oorbel
oosten oranje oregano orgel orkest otter oven pakket palet paling palm panda panter papaver papier
paprika paraplu parasol parel park parkiet pasta pastel patroon pedaal pen penseel peper perzik
piano pilaar plafond planeet plank plas plataan ploeg podium poel polder pomp pompoen poort poster
potlood prieel prisma pruim pudding puma puzzel raam radio raket rasp regen riem rietje ring rits
rivier robot roer rogge roltrap rooster rotonde rugzak ruit salade salie sap schaaf schaduw schelp
scherm schets schip schoen schotel schrift schroef schuur scooter sering servet servies sjaal sjalot
sla slee slinger slipper sloot sneeuw snoek snorkel sofa spade spar specht speld spiegel spons spoor
spreeuw sprong stad stadion stapel steen stek stekker stempel steppe stoel storm straat strand
streep strik stro stroop stuur suiker tablet tafel tak tandem tang tapir tarwe tennis tent thee
theepot tin toekan tol tomaat toren tractor tram tribune trofee trommel trompet truffel tuinhek
tuinpad tulp tunnel turf uil vanille veer veld veldbed venkel venster veranda verf veulen vezel
villa vink viool visnet vlag vlakte vlecht vlieger vlier vlinder vlot voet voetbal voetpad vogel
vork vos vraag vracht vriend vulkaan wagen walnoot walvis warmte wasbak wasbeer wasmand wekker wens
westen wieg wimpel wind winkel winter wolk zaag zaklamp zandbak zebra zeef zeehond zeester zilver
zomer zon zondag zoom zuiden zwaan zwaluw zwembad zwerm
"""

CODE_WORDS: tuple[str, ...] = tuple(_LIST.split())


# Codes that people read from paper and type on a phone.
#
# **Private codes** (`linde-482-kade-mus`) open a resident's own page. Three words of 512 and three digits of
# eight: 3 * log2(512) + 3 * log2(8) = 27 + 9 = 36 bits, 69 thousand million codes. With 100,000 codes in use one
# guess in 690,000 hits, so the view that asks for the code must be rate limited (core/limits.py); 36 bits do
# not resist unlimited attempts. For the same reason only a keyed hash of a code is stored: a plain hash of 36
# bits is cracked in minutes.
#
# **Short codes** (`/p/k7mtra`) stand on posters and are public: 30^6 is 729 million, enough that a typing error
# does not open another survey.


DIGITS = "23456789"
"""Without 0 and 1, which look like O and l."""

SHORT_ALPHABET = "abcdefghjkmnpqrstvwxyz23456789"
"""Without i, l, o, 0 and 1, which look alike, and u, which looks like v."""

SHORT_LENGTH = 6

_WORDS = frozenset(CODE_WORDS)
_BETWEEN = r"[^a-z0-9]{0,5}"
_DIGITS = re.compile(rf"(?<![0-9])[{DIGITS}]{_BETWEEN}[{DIGITS}]{_BETWEEN}[{DIGITS}](?![0-9])")
_LONGEST_WORD = max(map(len, CODE_WORDS))
# Both the pattern and the searched length are bounded, so that a long pasted text can't cause slow matching.
_BEFORE = re.compile(rf"(?<![a-z01])([a-z01]{{1,{_LONGEST_WORD}}}){_BETWEEN}$")
_LOOK_BACK = _LONGEST_WORD + 6
_AFTER = re.compile(rf"{_BETWEEN}([a-z01]+)(?:{_BETWEEN}([a-z01]+))?")
_LONGEST = 2_000
"""Maximum number of characters searched; a code stands near the beginning of a pasted text."""


class Random(Protocol):
    """The source of randomness: `secrets`, or a seeded random.Random in tests and rehearsals."""

    def choice(self, seq: Sequence[str], /) -> str: ...


def new_code(rng: Random = secrets) -> str:
    """A new private code such as `linde-482-kade-mus`. The caller checks whether it is taken."""
    digits = "".join(rng.choice(DIGITS) for _ in range(3))
    return "-".join((rng.choice(CODE_WORDS), digits, rng.choice(CODE_WORDS), rng.choice(CODE_WORDS)))


def new_short_code(rng: Random = secrets) -> str:
    """A new public code of six characters for a poster. The caller checks whether it is taken."""
    return "".join(rng.choice(SHORT_ALPHABET) for _ in range(SHORT_LENGTH))


def normalise_private_code(text: str) -> str | None:
    """The private code in typed or pasted text, as it was issued; None if there is none.

    Accepts capitals, accents, spaces, dots or nothing instead of hyphens, 0 for o, 1 for l or i, and
    surrounding text (a whole sentence, an address). The first code in the text counts.
    """
    plain = _plain(text)
    for match in _DIGITS.finditer(plain):
        before = _BEFORE.search(plain[max(0, match.start() - _LOOK_BACK) : match.start()])
        after = _AFTER.match(plain, match.end())
        if before is None or after is None:
            continue
        first = _word(before[1])
        last = _two_words(after[1], after[2])
        if first and last:
            digits = "".join(char for char in match[0] if char.isdigit())
            return "-".join((first, digits, *last))
    return None


def beginning(text: str) -> str:
    """The first word and the digits of the code in a text, half of the secret; "" without a code."""
    return "-".join((normalise_private_code(text) or "").split("-")[:2])


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text[:_LONGEST])
    return "".join(char for char in decomposed if not unicodedata.combining(char)).lower()


def _word(typed: str) -> str | None:
    return next((word for word in _readings(typed) if word in _WORDS), None)


def _readings(typed: str) -> Iterator[str]:
    yield typed.replace("0", "o").replace("1", "l")
    yield typed.replace("0", "o").replace("1", "i")


def _two_words(first: str, second: str | None) -> tuple[str, str] | None:
    """Two listed words, apart or run together (no two words together read as two others)."""
    if second is not None and (one := _word(first)) and (two := _word(second)):
        return one, two
    for cut in range(3, len(first) - 2):
        if (one := _word(first[:cut])) and (two := _word(first[cut:])):
            return one, two
    return None
