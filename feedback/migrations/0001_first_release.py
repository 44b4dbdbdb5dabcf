import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('feedback', '0001_initial'), ('feedback', '0002_contribution_revision'), ('feedback', '0003_outbox_epoch_rank_and_sum'), ('feedback', '0004_unread_texts'), ('feedback', '0005_places_figures_trajectories'), ('feedback', '0006_danger_is_read_first'), ('feedback', '0007_open_debts_in_order'), ('feedback', '0008_news'), ('feedback', '0009_address_days'), ('feedback', '0010_invitations'), ('feedback', '0011_contribution_place'), ('feedback', '0012_listening_in_full')]

    initial = True

    dependencies = [
        ('accounts', '0001_first_release'),
        ('accounts', '__first__'),
        ('neighbourhoods', '0001_first_release'),
    ]

    operations = [
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('note', models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='Lease',
            fields=[
                ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('holder', models.CharField(blank=True, max_length=80)),
                ('until', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='Following',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('receipt', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='following', to='accounts.receipt')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='followings', to='neighbourhoods.area')),
                ('since', models.DateField(default=django.utils.timezone.localdate)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='FollowUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.JSONField(default=dict, help_text='“meeting”: what it is about, per language.')),
                ('audience', models.JSONField(default=dict)),
                ('outcome', models.CharField(blank=True, choices=[('adopted', 'goes ahead'), ('partly', 'partly'), ('no', 'no, because'), ('not_ours', 'not ours'), ('not_yet', 'not yet')], max_length=10)),
                ('decided', models.JSONField(default=dict)),
                ('why', models.JSONField(default=dict)),
                ('next_step', models.JSONField(default=dict)),
                ('signed_as', models.JSONField(default=dict, help_text='The role that writes, per language.')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to=settings.AUTH_USER_MODEL)),
                ('corrects', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='feedback.followup')),
                ('state', models.CharField(choices=[('draft', 'draft'), ('hold', 'on hold'), ('released', 'being handed out'), ('fanned_out', "on everybody's page"), ('closed', 'closed')], default='draft', max_length=10)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('hold_until', models.DateTimeField(blank=True, null=True)),
                ('released_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('released_at', models.DateTimeField(blank=True, null=True)),
                ('cursor', models.UUIDField(blank=True, null=True)),
                ('fanned_out_at', models.DateTimeField(blank=True, null=True)),
                ('addressed', models.PositiveIntegerField(default=0)),
                ('erased', models.PositiveIntegerField(default=0)),
                ('areas', models.ManyToManyField(related_name='follow_ups', to='neighbourhoods.area')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('hold_until__isnull', True), ('state', 'draft')), models.Q(models.Q(('state', 'draft'), _negated=True), ('hold_until__isnull', False)), _connector='OR'), name='a_hold_has_an_end'), models.CheckConstraint(condition=models.Q(models.Q(('released_at__isnull', True), ('state__in', ['draft', 'hold'])), models.Q(models.Q(('state__in', ['draft', 'hold']), _negated=True), ('released_at__isnull', False)), _connector='OR'), name='released_when_released')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('confirm', 'is this your address?'), ('follow_up', 'what happened with your input'), ('news', 'news of a neighbourhood'), ('code', 'code for the private page'), ('trial', 'send to me'), ('sign_in', 'sign-in of staff'), ('invitation', 'invitation of staff'), ('survey', 'invitation to answer a survey'), ('notice', 'notice to staff')], max_length=12)),
                ('receipt', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='accounts.receipt')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to=settings.AUTH_USER_MODEL)),
                ('dedupe_key', models.CharField(max_length=120, unique=True)),
                ('to_address', models.EmailField(blank=True, help_text="Only where it is not the contact's or the colleague's own.", max_length=254)),
                ('language', models.CharField(max_length=12)),
                ('subject', models.CharField(blank=True, max_length=250)),
                ('text', models.TextField(blank=True)),
                ('html', models.TextField(blank=True)),
                ('message_id', models.CharField(max_length=200, unique=True)),
                ('state', models.CharField(choices=[('pending', 'pending'), ('claimed', 'in hand'), ('handing_over', 'being handed over'), ('sent', 'sent'), ('delivered', 'delivered'), ('bounced', 'bounced'), ('suppressed', 'suppressed'), ('failed', 'failed'), ('uncertain', 'uncertain'), ('cancelled', 'cancelled')], default='pending', max_length=12)),
                ('rank', models.PositiveSmallIntegerField(default=1, help_text='0 goes before 1.')),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_attempt_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('lease_token', models.UUIDField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('handed_over_at', models.DateTimeField(blank=True, null=True)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('resolved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('resolution', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'rank', 'next_attempt_at'], name='feedback_me_state_a57805_idx'), models.Index(condition=models.Q(('lease_until__isnull', False)), fields=['lease_until'], name='message_leased')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('receipt__isnull', False), ('user__isnull', True)), models.Q(('receipt__isnull', True), ('user__isnull', False)), _connector='OR'), name='a_message_goes_to_a_receipt_or_a_user'), models.CheckConstraint(condition=models.Q(models.Q(('lease_token__isnull', False), ('lease_until__isnull', False), ('state__in', ['claimed', 'handing_over'])), models.Q(models.Q(('state__in', ['claimed', 'handing_over']), _negated=True), ('lease_token__isnull', True), ('lease_until__isnull', True)), _connector='OR'), name='in_hand_means_leased'), models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', True), ('state__in', ['pending', 'claimed', 'handing_over'])), models.Q(models.Q(('state__in', ['pending', 'claimed', 'handing_over']), _negated=True), ('settled_at__isnull', False)), _connector='OR'), name='a_message_is_settled_when_settled')],
            },
        ),
        migrations.CreateModel(
            name='FollowUpItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('follow_up', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='feedback.followup')),
                ('receipt', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='accounts.receipt')),
                ('message', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='items', to='feedback.message')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('cancelled', models.BooleanField(default=False, help_text='Everything it answers was withdrawn before it was handed out.')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('follow_up', 'receipt'), name='one_item_per_reader')],
            },
        ),
        migrations.CreateModel(
            name='DeliveryEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='feedback.message')),
                ('kind', models.CharField(choices=[('delivered', 'delivered'), ('bounced', 'bounced'), ('complaint', 'complaint')], max_length=12)),
                ('provider_event', models.CharField(max_length=120, unique=True)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('detail', models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='DeliveryAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tries', to='feedback.message')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('code', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('said', models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='Outbox',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('epoch', models.PositiveBigIntegerField(default=0)),
                ('quarantined_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_outbox'), models.CheckConstraint(condition=models.Q(models.Q(('quarantined_at__isnull', True), ('reason', '')), models.Q(('quarantined_at__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='a_quarantine_has_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='Promise',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(help_text='In the words of the app above: “survey:12”.', max_length=80, unique=True)),
                ('title', models.JSONField(default=dict)),
                ('text', models.JSONField(default=dict)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='promises', to=settings.AUTH_USER_MODEL)),
                ('due_on', models.DateField()),
                ('first_due_on', models.DateField()),
                ('address_days', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('moved_reason', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('due_on', models.F('first_due_on')), models.Q(('moved_reason', {}), _negated=True), _connector='OR'), name='a_moved_promise_says_why')],
            },
        ),
        migrations.CreateModel(
            name='SecondLook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(help_text='In the words of the app above.', max_length=40, unique=True)),
                ('percent', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('percent__lte', 100)), name='a_share_is_at_most_all')],
            },
        ),
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(help_text='Where it was asked, in the words of the app above: “survey:12”.', max_length=40)),
                ('key', models.CharField(help_text='Which thing: “option:31”, “question:9”, “theme:green”, “rest”.', max_length=40)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='topics', to='neighbourhoods.area')),
                ('theme', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='topics', to='neighbourhoods.theme')),
                ('title', models.JSONField(default=dict)),
                ('question', models.JSONField(blank=True, default=dict, help_text='The question it was an answer to, per language.')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('source', 'key', 'area'), name='one_topic_each')],
            },
        ),
        migrations.CreateModel(
            name='Contribution',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('receipt', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contributions', to='accounts.receipt')),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contributions', to='feedback.topic')),
                ('slot', models.CharField(max_length=60)),
                ('kind', models.CharField(choices=[('choice', 'chosen'), ('text', 'written'), ('rest', 'other answers'), ('reaction', 'what our answer lacked')], max_length=10)),
                ('text', models.TextField(blank=True)),
                ('masked_text', models.TextField(blank=True, help_text='The text without addresses and numbers, for colleagues.')),
                ('may_be_danger', models.BooleanField(db_default=False, default=False, help_text='A guess from the words, so that these are read first.')),
                ('language', models.CharField(max_length=12)),
                ('said_on', models.DateField(default=django.utils.timezone.localdate)),
                ('reading', models.CharField(choices=[('unread', 'not read yet'), ('clear', 'nothing sensitive'), ('sensitive', 'sensitive')], default='unread', max_length=10)),
                ('handover', models.CharField(choices=[('none', 'nobody'), ('danger', 'danger, threat or abuse'), ('defect', 'street defect')], default='none', max_length=10)),
                ('read_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('revision', models.PositiveSmallIntegerField(default=0)),
                ('withdrawn_on', models.DateField(blank=True, null=True)),
                ('longitude', models.FloatField(blank=True, null=True)),
                ('latitude', models.FloatField(blank=True, null=True)),
                ('place', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='neighbourhoods.place')),
                ('may_quote_since', models.DateField(blank=True, help_text='Since when the resident agrees that these words may be published.', null=True)),
                ('quoted_on', models.DateField(blank=True, help_text='When a colleague chose it as a quote.', null=True)),
                ('quoted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('kind__in', ['text', 'reaction']), ('reading', 'unread')), fields=['-may_be_danger', 'said_on', 'id'], name='unread_texts'), models.Index(condition=models.Q(('quoted_on__isnull', False)), fields=['-quoted_on', 'id'], name='quotes')],
                'constraints': [models.UniqueConstraint(fields=('receipt', 'slot'), name='one_contribution_per_slot'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['choice', 'rest']), ('text', '')), ('kind__in', ['text', 'reaction']), _connector='OR'), name='only_texts_have_text'), models.CheckConstraint(condition=models.Q(models.Q(('latitude__isnull', True), ('longitude__isnull', True)), models.Q(('kind', 'text'), ('latitude__isnull', False), ('longitude__isnull', False)), _connector='OR'), name='a_point_has_two_sides'), models.CheckConstraint(condition=models.Q(('quoted_on', None), models.Q(('may_quote_since__isnull', False), ('reading', 'clear')), _connector='OR'), name='quoted_when_clear_and_allowed')],
            },
        ),
        migrations.CreateModel(
            name='AnswerOwed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('receipt', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='owed', to='accounts.receipt')),
                ('contribution', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='owed', to='feedback.contribution')),
                ('topic', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='owed', to='feedback.topic')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='owed', to=settings.AUTH_USER_MODEL)),
                ('since', models.DateField(default=django.utils.timezone.localdate)),
                ('due_on', models.DateField()),
                ('state', models.CharField(choices=[('open', 'waiting for an answer'), ('published', 'answered on their page'), ('sent', 'answered and sent'), ('withdrawn', 'withdrawn by the resident'), ('waived', 'waived, with a reason')], default='open', max_length=10)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('reopened', models.PositiveSmallIntegerField(default=0)),
                ('withdrawn_from', models.CharField(blank=True, max_length=10)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'due_on'], name='feedback_an_state_db3b92_idx'), models.Index(fields=['topic', 'state'], name='feedback_an_topic_i_07869e_idx'), models.Index(condition=models.Q(('state', 'open')), fields=['receipt', 'topic', 'owner', 'since', 'due_on'], name='open_by_person'), models.Index(condition=models.Q(('state', 'open')), fields=['topic', 'owner', 'due_on', 'since', 'receipt', 'reopened'], name='open_by_topic')],
                'constraints': [models.UniqueConstraint(fields=('contribution', 'topic'), name='one_debt_per_thing_said'), models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('settled_at__isnull', False)), _connector='OR'), name='a_debt_is_settled_when_settled'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'waived'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='waived_with_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='ContributionTheme',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('contribution', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='feedback.contribution')),
                ('theme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='neighbourhoods.theme')),
                ('given_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('contribution', 'theme'), name='a_theme_is_given_once')],
            },
        ),
        migrations.CreateModel(
            name='NamedDebt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('follow_up', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='named', to='feedback.followup')),
                ('owed', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='named_by', to='feedback.answerowed')),
                ('receipt', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.receipt')),
            ],
            options={
                'indexes': [models.Index(fields=['follow_up', 'receipt'], name='feedback_na_follow__0b274a_idx')],
                'constraints': [models.UniqueConstraint(fields=('follow_up', 'owed'), name='a_debt_is_named_once')],
            },
        ),
        migrations.CreateModel(
            name='Reaction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='reaction', to='feedback.followupitem')),
                ('answers_me', models.BooleanField()),
                ('reason', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='feedback.contribution')),
                ('said_on', models.DateField(default=django.utils.timezone.localdate)),
            ],
        ),
        migrations.CreateModel(
            name='SecondReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('contribution', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='second_reading', to='feedback.contribution')),
                ('first', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('second', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('agrees', models.BooleanField()),
                ('read_on', models.DateField(default=django.utils.timezone.localdate)),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('settled_on', models.DateField(blank=True, null=True)),
                ('first_themes', models.ManyToManyField(related_name='+', to='neighbourhoods.theme')),
                ('second_themes', models.ManyToManyField(related_name='+', to='neighbourhoods.theme')),
            ],
        ),
        migrations.AddField(
            model_name='Contribution',
            name='themes',
            field=models.ManyToManyField(related_name='contributions', through='feedback.ContributionTheme', to='neighbourhoods.theme'),
        ),
    ]
