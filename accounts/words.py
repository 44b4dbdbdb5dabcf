"""The 512 words that private codes are made of.

Everyday Dutch words of three to seven letters that can be read out over the telephone and typed from
paper. No two differ by one letter (added, left out, changed or swapped with its neighbour) and no two
sound the same; none has ij, ei, ou or au (which sound alike in pairs), x, y or q; none means anything a
council would not want to write to somebody. No two words run together can be read as two other words, so
a code survives the loss of its hyphens. tests/accounts/test_codes.py holds all of this.

The list may never change while a code made from it is in use: a word taken out locks somebody out.
"""

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
