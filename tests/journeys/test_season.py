"""A few weeks of bringing people together, day by day: nobody is forgotten, and all mail adds up."""

from initiatives.models import Match, Offer
from initiatives.states import OfferState
from scenarios.rehearsal.season import SeasonSize
from scenarios.rehearsal.stage import season_simulation


def test_a_small_season_forgets_nobody(transactional_db):
    with season_simulation(SeasonSize(weeks=4, offers=24, initiatives=5, seed=3)) as (days, season):
        account = days.run()
        letters = days.sink.letters

    assert account.troubles == []
    assert [row["week"] for row in account.rows] == [1, 2, 3, 4]
    # It was worth seeing: people were asked, some were introduced, and some said no.
    assert account.did["offers"] == 24 and account.did["initiatives"] == 5
    assert season.introductions > 0 and Match.objects.count() > 5
    assert account.did["volunteer said no"] + account.did["initiative said no"] > 0
    attached = [part.get_filename() for letter in letters for part in letter.message.iter_attachments()]
    assert any(name.endswith(".ics") for name in attached)


def test_who_is_left_without_a_next_action_is_found(transactional_db):
    with season_simulation(SeasonSize(weeks=1, offers=6, initiatives=1)) as (days, season):
        days.run()
        Offer.objects.exclude(state=OfferState.CLOSED).update(next_action="")
        on = days.begins_on
        assert any("has no next action" in trouble for trouble in season.forgotten(on))
        days.sink.letters.append(days.sink.letters[0])
        assert any("was sent 2 times" in trouble for trouble in days.mail())
        days.sink.letters.clear()
        assert any("mails lost" in trouble for trouble in days.mail())
