import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

SQLITE = """
CREATE TRIGGER event_is_append_only BEFORE UPDATE OF "verb", "kind", "key", "note", "facts", "at" ON accounts_event
BEGIN SELECT RAISE(ABORT, 'A line of the log can not be changed.'); END
"""
POSTGRESQL = """
CREATE FUNCTION refuse_to_change_the_log() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'A line of the log can not be changed.' USING ERRCODE = 'integrity_constraint_violation'; END
$$ LANGUAGE plpgsql;
CREATE TRIGGER event_is_append_only BEFORE UPDATE OF "verb", "kind", "key", "note", "facts", "at"
ON accounts_event FOR EACH ROW EXECUTE FUNCTION refuse_to_change_the_log()
"""


def make_log_append_only(apps, schema_editor):
    """Only the actor of a line may change: it becomes NULL when the account is deleted."""
    schema_editor.execute(SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL)


def drop_trigger(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER event_is_append_only")
    else:
        schema_editor.execute("DROP TRIGGER event_is_append_only ON accounts_event")
        schema_editor.execute("DROP FUNCTION refuse_to_change_the_log")


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail address')),
                ('title', models.CharField(blank=True, help_text='A role, for example “neighbourhood manager”. Residents see this, never your name.', max_length=80, verbose_name='what you are to residents')),
                ('language', models.CharField(default='nl', max_length=12, verbose_name='language')),
                ('monthly_mail', models.BooleanField(blank=True, help_text='Of what moved. Empty: who stands behind what is asked gets it.', null=True)),
                ('is_active', models.BooleanField(default=True)),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['email'],
            },
        ),
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('purpose', models.CharField(choices=[('participation', 'an answer to a survey'), ('offer', 'an offer to join in'), ('following', 'following a neighbourhood'), ('invitation', 'an invitation'), ('note', 'a note from a talk'), ('initiative', 'an initiative or a request'), ('task', 'a small task')], max_length=16)),
                ('code_hash', models.CharField(max_length=64, unique=True)),
                ('language', models.CharField(max_length=12)),
                ('created_on', models.DateField(default=django.utils.timezone.localdate)),
                ('revocation', models.PositiveSmallIntegerField(default=0)),
                ('without_contact', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('purpose__in', ['participation', 'offer', 'following', 'invitation', 'note', 'initiative', 'task'])), name='receipt_purpose_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Suppression',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address_hash', models.CharField(max_length=64)),
                ('scope', models.CharField(choices=[('everything', 'all mail of this municipality')], default='everything', max_length=16)),
                ('reason', models.CharField(choices=[('asked', 'asked for it'), ('bounced', 'the address does not exist'), ('complaint', 'marked as unwanted')], max_length=16)),
                ('created_on', models.DateField(default=django.utils.timezone.localdate)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('address_hash', 'scope'), name='one_suppression_per_address')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verb', models.CharField(max_length=60)),
                ('kind', models.CharField(max_length=60)),
                ('key', models.CharField(max_length=64)),
                ('note', models.CharField(blank=True, help_text='In the words of who did it.', max_length=500)),
                ('facts', models.JSONField(null=True)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='events', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['kind', 'key'], name='accounts_ev_kind_51a409_idx')],
            },
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('phone', models.CharField(blank=True, max_length=32)),
                ('mobile', models.CharField(blank=True, db_default='', default='', help_text='For texts, as +31612345678.', max_length=16)),
                ('postal', models.CharField(blank=True, db_default='', default='', help_text='For letters: name (may be empty), street and town, a line each.', max_length=200)),
                ('is_16_or_older', models.BooleanField()),
                ('consent', models.TextField(help_text='The sentence that was agreed to, as it was shown.')),
                ('how_often', models.CharField(choices=[('at_once', 'At once'), ('weekly', 'Once a week'), ('monthly', 'Once a month'), ('end', 'Only the end result')], db_default='at_once', default='at_once', max_length=8)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('unsubscribed_at', models.DateTimeField(blank=True, null=True)),
                ('receipt', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='contact', to='accounts.receipt')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('email', ''), _negated=True), models.Q(('phone', ''), _negated=True), models.Q(('mobile', ''), _negated=True), models.Q(('postal', ''), _negated=True), _connector='OR'), name='contact_has_a_way'), models.CheckConstraint(condition=models.Q(models.Q(('email', ''), ('mobile', '')), models.Q(('email', ''), ('postal', '')), models.Q(('mobile', ''), ('postal', '')), _connector='OR'), name='contact_is_written_to_in_one_way'), models.CheckConstraint(condition=models.Q(('is_16_or_older', True)), name='contact_is_16_or_older'), models.CheckConstraint(condition=models.Q(('consent', ''), _negated=True), name='contact_has_consent'), models.CheckConstraint(condition=models.Q(('how_often__in', ['at_once', 'weekly', 'monthly', 'end'])), name='contact_knows_how_often')],
            },
        ),
        migrations.RunPython(make_log_append_only, drop_trigger),
    ]
