import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

SQLITE = """
CREATE TRIGGER a_shown_card_stands
BEFORE UPDATE OF "money", "time", "influence", "contact", "too_few", "shown_on" ON initiatives_expectationcard
WHEN OLD.shown_on IS NOT NULL AND (NEW.money, NEW.time, NEW.influence, NEW.contact, NEW.too_few, NEW.shown_on)
IS NOT (OLD.money, OLD.time, OLD.influence, OLD.contact, OLD.too_few, OLD.shown_on)
BEGIN SELECT RAISE(ABORT, 'What somebody could say yes to can not be changed.'); END
"""
POSTGRESQL = """
CREATE FUNCTION refuse_to_change_a_card() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'What somebody could say yes to can not be changed.'
USING ERRCODE = 'integrity_constraint_violation'; END
$$ LANGUAGE plpgsql;
CREATE TRIGGER a_shown_card_stands
BEFORE UPDATE OF "money", "time", "influence", "contact", "too_few", "shown_on" ON initiatives_expectationcard
FOR EACH ROW
WHEN (OLD.shown_on IS NOT NULL AND (NEW.money, NEW.time, NEW.influence, NEW.contact, NEW.too_few, NEW.shown_on)
IS DISTINCT FROM (OLD.money, OLD.time, OLD.influence, OLD.contact, OLD.too_few, OLD.shown_on))
EXECUTE FUNCTION refuse_to_change_a_card()
"""


def keep_shown_cards(apps, schema_editor):
    """The words of a card can't change once a resident could read it.

    A later migration that remakes the table of cards on SQLite drops this trigger; tests/initiatives/test_cards.py
    checks that it exists.
    """
    schema_editor.execute(SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL)


def drop_trigger(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER a_shown_card_stands")
    else:
        schema_editor.execute("DROP TRIGGER a_shown_card_stands ON initiatives_expectationcard")
        schema_editor.execute("DROP FUNCTION refuse_to_change_a_card")


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('feedback', '0001_initial'),
        ('neighbourhoods', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Approach',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('changes', models.JSONField(default=dict)),
                ('is_own', models.BooleanField(default=False)),
                ('hidden_on', models.DateField(blank=True, null=True)),
                ('changed_on', models.DateField(default=django.utils.timezone.localdate)),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['slug'],
            },
        ),
        migrations.CreateModel(
            name='ExpectationCard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name on the desk')),
                ('money', models.JSONField(default=dict, verbose_name='money')),
                ('time', models.JSONField(default=dict, verbose_name='time')),
                ('influence', models.JSONField(default=dict, verbose_name='influence')),
                ('contact', models.JSONField(default=dict, verbose_name='contact')),
                ('too_few', models.JSONField(default=dict, verbose_name='too few people?')),
                ('shown_on', models.DateField(blank=True, help_text='Since when somebody could say yes to it: from then on its words stand.', null=True)),
                ('invites_in', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='expectation_card', to='neighbourhoods.area')),
                ('replaced_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='earlier', to='initiatives.expectationcard')),
            ],
            options={
                'ordering': ['name', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('replaced_by', None), models.Q(('invites_in', None), ('shown_on__isnull', False)), _connector='OR'), name='an_earlier_card_invites_nobody'), models.CheckConstraint(condition=models.Q(('invites_in', None), ('shown_on__isnull', False), _connector='OR'), name='a_card_that_invites_was_shown'), models.CheckConstraint(condition=models.Q(('replaced_by', None), models.Q(('replaced_by', models.F('id')), _negated=True), _connector='OR'), name='a_card_is_not_replaced_by_itself')],
            },
        ),
        migrations.CreateModel(
            name='Initiative',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.JSONField(default=dict)),
                ('description', models.JSONField(default=dict, help_text='When, where, for whom, per language.')),
                ('url', models.URLField(blank=True)),
                ('since', models.DateField(blank=True, null=True)),
                ('checked_on', models.DateField(default=django.utils.timezone.localdate)),
                ('state', models.CharField(choices=[('idea', 'an idea'), ('preparing', 'being prepared'), ('running', 'running'), ('ended', 'ended')], db_default='running', default='running', max_length=10)),
                ('state_on', models.DateField(db_default=models.Func(function='CURRENT_DATE', output_field=models.DateField(), template='%(function)s'), default=django.utils.timezone.localdate)),
                ('public_on', models.DateField(blank=True, db_default=models.Func(function='CURRENT_DATE', output_field=models.DateField(), template='%(function)s'), default=django.utils.timezone.localdate, help_text='Since when everybody can read of it; it stays when it ends.', null=True)),
                ('motive', models.JSONField(blank=True, db_default=models.Value({}, output_field=models.JSONField()), default=dict, help_text='Why, in the words of who began it.')),
                ('motives', models.JSONField(blank=True, db_default=models.Value([], output_field=models.JSONField()), default=list)),
                ('goal', models.JSONField(blank=True, db_default=models.Value({}, output_field=models.JSONField()), default=dict, help_text='What it wants.')),
                ('for_whom', models.JSONField(blank=True, db_default=models.Value({}, output_field=models.JSONField()), default=dict)),
                ('is_light', models.BooleanField(db_default=False, default=False, help_text='The light route for who does this for the first time.')),
                ('approach', models.SlugField(blank=True, db_default='', max_length=60)),
                ('municipal_role', models.CharField(blank=True, choices=[('regulate', 'regulate'), ('direct', 'direct'), ('stimulate', 'encourage'), ('facilitate', 'make possible'), ('let_go', 'let go')], db_default='', max_length=10)),
                ('agreements', models.JSONField(blank=True, db_default=models.Value({}, output_field=models.JSONField()), default=dict)),
                ('support', models.JSONField(blank=True, db_default=models.Value({}, output_field=models.JSONField()), default=dict, help_text='What support there is, and by whom.')),
                ('learned', models.JSONField(blank=True, db_default=models.Value({}, output_field=models.JSONField()), default=dict)),
                ('thanks', models.JSONField(blank=True, db_default=models.Value({}, output_field=models.JSONField()), default=dict)),
                ('next_action', models.CharField(blank=True, db_default='', max_length=120)),
                ('next_action_on', models.DateField(blank=True, null=True)),
                ('withdrawn_from', models.CharField(blank=True, db_default='', max_length=10)),
                ('sent_key', models.UUIDField(blank=True, help_text='Made by the form at the desk: sent twice is one initiative.', null=True, unique=True)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='initiatives', to='neighbourhoods.area')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='initiatives', to=settings.AUTH_USER_MODEL)),
                ('party', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='initiatives', to='neighbourhoods.party')),
                ('receipt', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='initiative', to='accounts.receipt')),
                ('theme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='initiatives', to='neighbourhoods.theme')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['idea', 'preparing', 'running', 'ended'])), name='initiative_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('public_on__isnull', False), ('state__in', ['preparing', 'running'])), models.Q(('public_on', None), ('state', 'idea')), ('state', 'ended'), _connector='OR'), name='what_is_public_is_so_since_a_day'), models.CheckConstraint(condition=models.Q(('owner', None), ('state', 'ended'), ('next_action_on__isnull', False), _connector='OR'), name='an_initiative_of_ours_has_a_next_action'), models.CheckConstraint(condition=models.Q(('receipt', None), ('owner__isnull', False), _connector='OR'), name='who_begins_is_looked_after'), models.CheckConstraint(condition=models.Q(('withdrawn_from', ''), ('state', 'ended'), _connector='OR'), name='what_was_withdrawn_has_ended')],
            },
        ),
        migrations.CreateModel(
            name='Challenge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('applicant', models.CharField(choices=[('resident', 'a resident'), ('group', 'a group of residents'), ('party', 'an organisation of the neighbourhood')], default='resident', max_length=10)),
                ('title', models.JSONField(default=dict)),
                ('summary', models.JSONField(blank=True, default=dict)),
                ('budget', models.PositiveIntegerField(blank=True, help_text='Asked, in euros a year.', null=True)),
                ('asked_on', models.DateField(default=django.utils.timezone.localdate)),
                ('decide_before', models.DateField()),
                ('first_decide_before', models.DateField()),
                ('moved_reason', models.JSONField(blank=True, default=dict)),
                ('state', models.CharField(choices=[('asked', 'asked'), ('talking', 'being talked about'), ('granted', 'granted'), ('partly', 'granted in part'), ('refused', 'refused'), ('withdrawn', 'withdrawn')], default='asked', max_length=10)),
                ('decided_on', models.DateField(blank=True, null=True)),
                ('decided_by', models.CharField(blank=True, help_text='The body that decided, as residents know it.', max_length=80)),
                ('decision', models.JSONField(blank=True, default=dict, help_text='Why it was decided so.')),
                ('next_step', models.JSONField(blank=True, default=dict, help_text='What happens now, or what who asked can do after a no.')),
                ('published_on', models.DateField(blank=True, null=True)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='challenges', to='neighbourhoods.area')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='challenges', to=settings.AUTH_USER_MODEL)),
                ('party', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='challenges', to='neighbourhoods.party')),
                ('receipt', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='challenge', to='accounts.receipt')),
                ('theme', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='challenges', to='neighbourhoods.theme')),
                ('initiative', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='challenges', to='initiatives.initiative')),
            ],
            options={
                'ordering': ['decide_before', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'talking', 'granted', 'partly', 'refused', 'withdrawn'])), name='challenge_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('decided_on__isnull', False), ('state__in', ['granted', 'partly', 'refused']), models.Q(('decision', {}), _negated=True), models.Q(('decided_by', ''), _negated=True)), models.Q(models.Q(('state__in', ['granted', 'partly', 'refused']), _negated=True), ('decided_on', None)), _connector='OR'), name='a_challenge_is_decided_with_reasons'), models.CheckConstraint(condition=models.Q(('applicant__in', ['resident', 'group', 'party'])), name='who_challenges_is_known'), models.CheckConstraint(condition=models.Q(('first_decide_before__gte', models.F('asked_on')), models.Q(('decided_on', None), ('decided_on__gte', models.F('asked_on')), _connector='OR')), name='a_request_is_decided_after_it_was_asked'), models.CheckConstraint(condition=models.Q(('published_on', None), models.Q(('title', {}), _negated=True), _connector='OR'), name='a_published_challenge_has_a_title'), models.CheckConstraint(condition=models.Q(('decide_before', models.F('first_decide_before')), models.Q(('moved_reason', {}), _negated=True), _connector='OR'), name='a_moved_decision_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Meeting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField()),
                ('minutes', models.PositiveSmallIntegerField(default=120)),
                ('where', models.CharField(max_length=160)),
                ('about', models.JSONField(blank=True, default=dict)),
                ('cancelled_on', models.DateField(blank=True, null=True)),
                ('is_read', models.BooleanField(default=True)),
                ('changed', models.PositiveSmallIntegerField(default=0)),
                ('moved', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('earlier', models.JSONField(blank=True, db_default=models.Value([], output_field=models.JSONField()), default=list)),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='meetings', to='initiatives.initiative')),
            ],
            options={
                'ordering': ['starts_at', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('minutes__gt', 0)), name='a_meeting_takes_time')],
            },
        ),
        migrations.CreateModel(
            name='MonthOfMovement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='Its first day.')),
                ('waiting', models.PositiveIntegerField(blank=True, null=True)),
                ('late', models.PositiveIntegerField(blank=True, null=True)),
                ('needs', models.PositiveIntegerField(blank=True, null=True)),
                ('without_link', models.PositiveIntegerField(blank=True, null=True)),
                ('running', models.PositiveIntegerField(blank=True, null=True)),
                ('topics', models.PositiveIntegerField(blank=True, null=True)),
                ('topics_left', models.PositiveIntegerField(blank=True, null=True)),
                ('people_left', models.PositiveIntegerField(blank=True, null=True)),
                ('gone_people', models.PositiveIntegerField(db_default=0, default=0)),
                ('gone_told', models.PositiveIntegerField(db_default=0, default=0)),
                ('gone_page_only', models.PositiveIntegerField(db_default=0, default=0)),
                ('gone_waived', models.PositiveIntegerField(db_default=0, default=0)),
                ('gone_answers_told', models.PositiveIntegerField(db_default=0, default=0)),
                ('gone_answers_page_only', models.PositiveIntegerField(db_default=0, default=0)),
                ('gone_answers_waived', models.PositiveIntegerField(db_default=0, default=0)),
                ('gone_volunteers', models.PositiveIntegerField(db_default=0, default=0)),
                ('gone_in_time', models.PositiveIntegerField(db_default=0, default=0)),
                ('gone_days', models.JSONField(blank=True, db_default=models.Value({}, output_field=models.JSONField()), default=dict)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='movement', to='neighbourhoods.area')),
            ],
            options={
                'ordering': ['month', 'area'],
                'constraints': [models.UniqueConstraint(fields=('area', 'month'), name='one_month_of_each_area'), models.CheckConstraint(condition=models.Q(('gone_people__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('gone_told'), '+', models.F('gone_page_only')), '+', models.F('gone_waived'))), ('gone_in_time__lte', models.F('gone_volunteers'))), name='what_is_gone_adds_up'), models.CheckConstraint(condition=models.Q(models.Q(('people_left__isnull', False), ('topics_left__lte', models.F('topics')), ('waiting__isnull', False)), models.Q(('people_left', None), ('topics', None), ('topics_left', None)), _connector='OR'), name='topics_of_a_month_add_up'), models.CheckConstraint(condition=models.Q(models.Q(('late__lte', models.F('waiting')), ('running__isnull', False), ('without_link__lte', models.F('needs'))), models.Q(('late', None), ('needs', None), ('running', None), ('waiting', None), ('without_link', None)), _connector='OR'), name='a_month_was_looked_at_whole')],
            },
        ),
        migrations.CreateModel(
            name='Need',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.JSONField(default=dict)),
                ('missing', models.JSONField(blank=True, default=dict, help_text='Who is not among the people who said it.')),
                ('urgency', models.PositiveSmallIntegerField(choices=[(1, 'can wait'), (2, 'this year'), (3, 'now')], default=2)),
                ('state', models.CharField(choices=[('heard', 'heard'), ('looked_into', 'being looked into'), ('taken_up', 'being taken up'), ('met', 'met'), ('not_taken_up', 'not taken up')], default='heard', max_length=14)),
                ('state_on', models.DateField(default=django.utils.timezone.localdate)),
                ('reason', models.JSONField(blank=True, default=dict, help_text='Why it is not taken up.')),
                ('heard_on', models.DateField(default=django.utils.timezone.localdate)),
                ('next_action', models.CharField(blank=True, db_default='', max_length=120)),
                ('next_action_on', models.DateField(blank=True, null=True)),
                ('people', models.PositiveIntegerField(default=0)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='needs', to='neighbourhoods.area')),
                ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='initiatives.need')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='needs', to=settings.AUTH_USER_MODEL)),
                ('split_from', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='parts', to='initiatives.need')),
                ('theme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='needs', to='neighbourhoods.theme')),
            ],
            options={
                'ordering': ['-urgency', '-people', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['heard', 'looked_into', 'taken_up', 'met', 'not_taken_up']), ('urgency__in', [1, 2, 3])), name='need_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'not_taken_up'), _negated=True), models.Q(('reason', {}), _negated=True), _connector='OR'), name='not_taken_up_says_why'), models.CheckConstraint(condition=models.Q(('merged_into', models.F('id')), _negated=True), name='a_need_is_not_taken_into_itself'), models.CheckConstraint(condition=models.Q(('merged_into__isnull', False), models.Q(('state__in', frozenset(['heard', 'looked_into', 'taken_up'])), _negated=True), ('next_action_on__isnull', False), _connector='OR'), name='an_open_need_has_a_next_look')],
            },
        ),
        migrations.CreateModel(
            name='NeedSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('contribution', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='needs', to='feedback.contribution')),
                ('need', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sources', to='initiatives.need')),
                ('origin', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='brought', to='initiatives.need')),
                ('topic', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='needs', to='feedback.topic')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('contribution', None), ('topic__isnull', False)), models.Q(('contribution__isnull', False), ('topic', None)), _connector='OR'), name='a_source_is_a_topic_or_a_text'), models.UniqueConstraint(condition=models.Q(('topic__isnull', False)), fields=('origin', 'topic'), name='a_topic_feeds_a_need_once'), models.UniqueConstraint(condition=models.Q(('contribution__isnull', False)), fields=('origin', 'contribution'), name='a_text_feeds_a_need_once')],
            },
        ),
        migrations.CreateModel(
            name='NeedStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('heard', 'heard'), ('looked_into', 'being looked into'), ('taken_up', 'being taken up'), ('met', 'met'), ('not_taken_up', 'not taken up')], max_length=14)),
                ('on', models.DateField(default=django.utils.timezone.localdate)),
                ('words', models.JSONField(blank=True, default=dict)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('need', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='initiatives.need')),
            ],
            options={
                'ordering': ['on', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('skills', models.JSONField(blank=True, default=list)),
                ('sent_key', models.UUIDField(help_text='Made on the phone: a note sent twice is one note.', unique=True)),
                ('noted_on', models.DateField(default=django.utils.timezone.localdate)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='neighbourhoods.area')),
                ('key_person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='notes', to='neighbourhoods.keyperson')),
                ('noted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='notes', to='neighbourhoods.place')),
                ('receipt', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='note', to='accounts.receipt')),
                ('theme', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='notes', to='neighbourhoods.theme')),
            ],
            options={
                'ordering': ['-noted_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('hands', 'hands'), ('space', 'a space'), ('money', 'money'), ('hours', 'hours of staff'), ('materials', 'materials'), ('knowledge', 'knowledge')], db_default='hands', default='hands', max_length=10)),
                ('party_kind', models.CharField(blank=True, choices=[('residents', 'residents together'), ('organisation', 'organisation'), ('entrepreneur', 'entrepreneur'), ('municipality', 'municipality')], db_default='', max_length=12)),
                ('party_name', models.CharField(blank=True, db_default='', help_text='As told; who looks after it links it to a party on the list.', max_length=120)),
                ('address', models.CharField(blank=True, db_default='', help_text='Of a space that is no place on the list (yet), as told.', max_length=160)),
                ('wishes', models.JSONField(blank=True, db_default=models.Value([], output_field=models.JSONField()), default=list, help_text='Slugs of themes.')),
                ('way', models.CharField(blank=True, choices=[('think', 'Think along'), ('once', 'Help once'), ('often', 'Help more often'), ('pull', 'Take the lead, together with others')], max_length=8)),
                ('time', models.CharField(blank=True, choices=[('hour', 'an hour'), ('monthly', 'a part of a day each month'), ('weekly', 'each week')], max_length=8)),
                ('skills', models.JSONField(blank=True, default=list)),
                ('motives', models.JSONField(blank=True, default=list)),
                ('languages', models.JSONField(blank=True, db_default=models.Value([], output_field=models.JSONField()), default=list)),
                ('moments', models.JSONField(blank=True, db_default=models.Value([], output_field=models.JSONField()), default=list, help_text='Parts of the week: see states.MOMENTS.')),
                ('rather_together', models.BooleanField(blank=True, help_text='Empty: no preference told.', null=True)),
                ('is_adult', models.BooleanField(db_default=False, default=False, help_text='Said to be 18 or older.')),
                ('words', models.CharField(blank=True, db_default='', max_length=600)),
                ('conditions', models.CharField(blank=True, db_default='', max_length=300)),
                ('may_be_danger', models.BooleanField(db_default=False, default=False, help_text='A guess from the words, so that they are read first, until a colleague read them.')),
                ('until', models.DateField(blank=True, help_text='What is offered ends by itself on this day.', null=True)),
                ('offered_on', models.DateField(default=django.utils.timezone.localdate)),
                ('state', models.CharField(choices=[('new', 'new'), ('contacted', 'contacted'), ('active', 'active'), ('paused', 'paused'), ('closed', 'closed')], default='new', max_length=10)),
                ('contacted_on', models.DateField(blank=True, help_text='First spoken to by a person.', null=True)),
                ('paused_until', models.DateField(blank=True, null=True)),
                ('pause_asked', models.BooleanField(db_default=False, default=False, help_text='They asked for the break themselves.')),
                ('confirmed_on', models.DateField(db_default=models.Func(function='CURRENT_DATE', output_field=models.DateField(), template='%(function)s'), default=django.utils.timezone.localdate, help_text='Last said to be still true.')),
                ('next_action', models.CharField(blank=True, max_length=120)),
                ('next_action_on', models.DateField(blank=True, null=True)),
                ('closed_reason', models.CharField(blank=True, max_length=200)),
                ('closed_on', models.DateField(blank=True, null=True)),
                ('withdrawn_from', models.CharField(blank=True, max_length=10)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='neighbourhoods.area')),
                ('card', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='initiatives.expectationcard')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to=settings.AUTH_USER_MODEL)),
                ('party', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='offers', to='neighbourhoods.party')),
                ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='offers', to='neighbourhoods.place')),
                ('receipt', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='offer', to='accounts.receipt')),
                ('theme', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='offers', to='neighbourhoods.theme')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'closed'), _negated=True), fields=['next_action_on', 'id'], name='offers_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('card__isnull', False), ('kind', 'hands'), models.Q(('way', ''), _negated=True)), models.Q(models.Q(('kind', 'hands'), _negated=True), ('card', None), ('way', '')), _connector='OR'), name='hands_have_a_way_and_a_card'), models.CheckConstraint(condition=models.Q(('kind', 'space'), models.Q(('address', ''), ('place', None)), _connector='OR'), name='only_a_space_is_somewhere'), models.CheckConstraint(condition=models.Q(('kind__in', ['hands', 'space', 'money', 'hours', 'materials', 'knowledge']), ('state__in', ['new', 'contacted', 'active', 'paused', 'closed'])), name='offer_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('paused_until__isnull', False), ('state', 'paused')), models.Q(models.Q(('state', 'paused'), _negated=True), ('paused_until', None)), _connector='OR'), name='paused_until_while_paused'), models.CheckConstraint(condition=models.Q(('state', 'paused'), ('pause_asked', False), _connector='OR'), name='asked_to_pause_while_paused'), models.CheckConstraint(condition=models.Q(('state', 'closed'), ('next_action_on__isnull', False), _connector='OR'), name='an_open_offer_has_a_next_action'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'closed'), _negated=True), models.Q(('closed_reason', ''), _negated=True), _connector='OR'), name='closed_with_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('closed_on__isnull', False), ('state', 'closed')), models.Q(models.Q(('state', 'closed'), _negated=True), ('closed_on', None)), _connector='OR'), name='closed_on_a_day'), models.CheckConstraint(condition=models.Q(('withdrawn_from', ''), ('state', 'closed'), _connector='OR'), name='a_withdrawn_offer_is_closed')],
            },
        ),
        migrations.CreateModel(
            name='NeedLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('offer', 'an offer'), ('place', 'a place'), ('initiative', 'an initiative'), ('approach', 'a proven approach'), ('decision', 'a decision')], max_length=10)),
                ('approach', models.SlugField(blank=True, max_length=60)),
                ('made_on', models.DateField(default=django.utils.timezone.localdate)),
                ('decision', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='needs', to='feedback.followup')),
                ('initiative', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='needs', to='initiatives.initiative')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('need', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='initiatives.need')),
                ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='needs', to='neighbourhoods.place')),
                ('offer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='needs', to='initiatives.offer')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind', 'offer'), ('offer__isnull', False), ('place', None), ('initiative', None), ('approach', ''), ('decision', None)), models.Q(('kind', 'place'), ('offer', None), ('place__isnull', False), ('initiative', None), ('approach', ''), ('decision', None)), models.Q(('kind', 'initiative'), ('offer', None), ('place', None), ('initiative__isnull', False), ('approach', ''), ('decision', None)), models.Q(('kind', 'approach'), ('offer', None), ('place', None), ('initiative', None), models.Q(('approach', ''), _negated=True), ('decision', None)), models.Q(('kind', 'decision'), ('offer', None), ('place', None), ('initiative', None), ('approach', ''), ('decision__isnull', False)), _connector='OR'), name='a_link_has_one_end'), models.UniqueConstraint(condition=models.Q(('offer__isnull', False)), fields=('need', 'offer'), name='one_link_to_an_offer'), models.UniqueConstraint(condition=models.Q(('place__isnull', False)), fields=('need', 'place'), name='one_link_to_an_place'), models.UniqueConstraint(condition=models.Q(('initiative__isnull', False)), fields=('need', 'initiative'), name='one_link_to_an_initiative'), models.UniqueConstraint(condition=models.Q(('approach', ''), _negated=True), fields=('need', 'approach'), name='one_link_to_an_approach'), models.UniqueConstraint(condition=models.Q(('decision__isnull', False)), fields=('need', 'decision'), name='one_link_to_an_decision')],
            },
        ),
        migrations.CreateModel(
            name='Clearance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('vog', 'certificate of conduct (VOG)')], default='vog', max_length=10)),
                ('seen_on', models.DateField(default=django.utils.timezone.localdate)),
                ('renew_before', models.DateField()),
                ('warned_on', models.DateField(blank=True, null=True)),
                ('seen_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='clearances', to='initiatives.offer')),
            ],
            options={
                'ordering': ['-seen_on', '-id'],
                'constraints': [models.UniqueConstraint(fields=('offer', 'kind', 'seen_on'), name='a_clearance_is_seen_once'), models.CheckConstraint(condition=models.Q(('renew_before__gt', models.F('seen_on'))), name='a_clearance_is_renewed_later')],
            },
        ),
        migrations.CreateModel(
            name='Picture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('jpeg', models.BinaryField()),
                ('digest', models.CharField(max_length=64)),
                ('alt', models.JSONField(blank=True, default=dict)),
                ('width', models.PositiveSmallIntegerField()),
                ('height', models.PositiveSmallIntegerField()),
                ('is_read', models.BooleanField(default=True)),
                ('initiative', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='picture', to='initiatives.initiative')),
            ],
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.JSONField(default=dict)),
                ('who', models.CharField(blank=True, help_text='A role, never a name.', max_length=80)),
                ('before', models.DateField(blank=True, null=True)),
                ('is_open', models.BooleanField(default=False, help_text='Anybody may take it.')),
                ('taken_on', models.DateField(blank=True, null=True)),
                ('done_on', models.DateField(blank=True, null=True)),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tasks', to='initiatives.initiative')),
                ('taken_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='tasks', to='accounts.receipt')),
            ],
            options={
                'ordering': ['done_on', 'before', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('taken_by', None), ('taken_on__isnull', False), _connector='OR'), name='a_task_is_taken_on_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Update',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.JSONField(default=dict)),
                ('on', models.DateField(default=django.utils.timezone.localdate)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='updates', to='initiatives.initiative')),
                ('read_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-on', '-id'],
            },
        ),
        migrations.CreateModel(
            name='VolunteerRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.JSONField(default=dict)),
                ('about', models.JSONField(blank=True, default=dict)),
                ('people', models.PositiveSmallIntegerField(default=1, help_text='How many are looked for.')),
                ('skills', models.JSONField(blank=True, default=list)),
                ('languages', models.JSONField(blank=True, default=list)),
                ('moments', models.JSONField(blank=True, default=list, help_text='Parts of the week: see states.MOMENTS.')),
                ('rhythm', models.CharField(choices=[('once', 'once'), ('regular', 'regularly')], default='regular', max_length=8)),
                ('starts_on', models.DateField(blank=True, null=True)),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('adults_only', models.BooleanField(default=False)),
                ('needs_clearance', models.BooleanField(default=False, help_text='Vulnerable people in a risky situation, for example one to one at home.')),
                ('support', models.JSONField(blank=True, default=dict, help_text='What support is given, and by whom.')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('open', 'open'), ('closed', 'closed')], default='draft', max_length=8)),
                ('card', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='roles', to='initiatives.expectationcard')),
                ('initiative', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='roles', to='initiatives.initiative')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'open'), _negated=True), ('card__isnull', False), _connector='OR'), name='no_role_without_a_card'), models.CheckConstraint(condition=models.Q(('people__gte', 1)), name='a_role_is_for_somebody'), models.CheckConstraint(condition=models.Q(('ends_on', None), ('starts_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='a_role_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'open', 'closed'])), name='role_state_is_known')],
            },
        ),
        migrations.AddField(
            model_name='offer',
            name='wished_role',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='wished_by', to='initiatives.volunteerrole'),
        ),
        migrations.CreateModel(
            name='Match',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('proposed', 'proposed'), ('accepted', 'both said yes'), ('declined', 'declined'), ('waitlisted', 'on the waiting list'), ('introduced', 'introduced'), ('active', 'at work'), ('ended', 'ended'), ('expired', 'expired')], default='proposed', max_length=10)),
                ('reasons', models.JSONField(blank=True, default=list)),
                ('score', models.PositiveSmallIntegerField(default=0)),
                ('proposed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('round', models.PositiveSmallIntegerField(default=1)),
                ('answer_before', models.DateField(blank=True, null=True)),
                ('reminded_on', models.DateField(blank=True, null=True)),
                ('volunteer_yes_at', models.DateTimeField(blank=True, null=True)),
                ('initiative_yes_at', models.DateTimeField(blank=True, null=True)),
                ('declined_by', models.CharField(blank=True, choices=[('volunteer', 'the volunteer'), ('initiative', 'the initiative')], max_length=10)),
                ('declined_because', models.CharField(blank=True, choices=[('too_far', 'too far'), ('time', 'the times do not suit'), ('too_much', 'too much for now'), ('not_for_me', 'not what I like to do'), ('found', 'somebody was found already'), ('no_click', 'it does not suit us'), ('over', 'it ended')], max_length=10)),
                ('introduced_at', models.DateTimeField(blank=True, null=True)),
                ('first_at', models.DateTimeField(blank=True, help_text='The first time they meet.', null=True)),
                ('first_moved', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('first_told_on', models.DateField(blank=True, null=True)),
                ('step', models.CharField(blank=True, choices=[('answer', 'See what they answered'), ('call', 'They said yes, and the initiative does not answer: call it'), ('introduce', 'Introduce them yourself: there is no address for it'), ('list', 'Tell them how long the waiting list is'), ('tell_day', 'Call: their first time changed, and there is no address to write to'), ('new_day', 'Their first time was called off: find another day'), ('how', 'Ask how it goes'), ('not_good', 'Call: it was not good')], db_default='', max_length=10)),
                ('step_on', models.DateField(blank=True, null=True)),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('after_2', models.CharField(blank=True, choices=[('good', 'good'), ('mixed', 'could be better'), ('bad', 'not good')], max_length=6)),
                ('after_30', models.CharField(blank=True, choices=[('good', 'good'), ('mixed', 'could be better'), ('bad', 'not good')], max_length=6)),
                ('state_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('card', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='initiatives.expectationcard')),
                ('proposed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('meeting', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='initiatives.meeting')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='matches', to='initiatives.offer')),
                ('role', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='matches', to='initiatives.volunteerrole')),
            ],
            options={
                'ordering': ['-proposed_at', '-id'],
                'indexes': [models.Index(fields=['role', 'state'], name='initiatives_role_id_ea8fdb_idx'), models.Index(fields=['state', 'answer_before'], name='initiatives_state_ec336a_idx'), models.Index(condition=models.Q(('step', ''), _negated=True), fields=['step_on'], name='matches_due')],
                'constraints': [models.UniqueConstraint(fields=('offer', 'role'), name='one_match_per_offer_and_role'), models.CheckConstraint(condition=models.Q(('state__in', ['proposed', 'accepted', 'declined', 'waitlisted', 'introduced', 'active', 'ended', 'expired'])), name='match_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['accepted', 'active', 'ended', 'introduced', 'waitlisted']), _negated=True), models.Q(('initiative_yes_at__isnull', False), ('volunteer_yes_at__isnull', False)), _connector='OR'), name='together_when_both_said_yes'), models.CheckConstraint(condition=models.Q(models.Q(('card', None), ('volunteer_yes_at', None)), models.Q(('card__isnull', False), ('volunteer_yes_at__isnull', False)), _connector='OR'), name='a_volunteer_says_yes_to_a_card'), models.CheckConstraint(condition=models.Q(models.Q(('introduced_at__isnull', False), ('state__in', ['introduced', 'active', 'ended'])), models.Q(models.Q(('state__in', ['introduced', 'active', 'ended']), _negated=True), ('introduced_at', None)), _connector='OR'), name='introduced_at_a_moment'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'declined'), models.Q(('declined_by', ''), _negated=True), models.Q(('declined_because', ''), _negated=True)), models.Q(models.Q(('state', 'declined'), _negated=True), ('declined_because', ''), ('declined_by', '')), _connector='OR'), name='declined_with_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('ended_on__isnull', False), ('state', 'ended')), models.Q(models.Q(('state', 'ended'), _negated=True), ('ended_on', None)), _connector='OR'), name='ended_on_a_day'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'proposed'), _negated=True), ('answer_before__isnull', False), _connector='OR'), name='a_proposal_waits_until_a_day'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['accepted', 'active', 'introduced', 'proposed', 'waitlisted']), ('step_on__isnull', False), models.Q(('step', ''), _negated=True)), models.Q(models.Q(('state__in', ['accepted', 'active', 'introduced', 'proposed', 'waitlisted']), _negated=True), ('step', ''), ('step_on', None)), _connector='OR'), name='what_stands_has_a_next_step'), models.CheckConstraint(condition=models.Q(('meeting', None), ('first_at__isnull', False), _connector='OR'), name='a_first_meeting_has_a_time')],
            },
        ),
        migrations.RunPython(keep_shown_cards, drop_trigger),
    ]
