import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('initiatives', '0001_initial'), ('initiatives', '0002_offer_withdrawn_from'), ('initiatives', '0003_places_figures_trajectories')]

    initial = True

    dependencies = [
        ('accounts', '0001_first_release'),
        ('accounts', '__first__'),
        ('neighbourhoods', '0001_first_release'),
    ]

    operations = [
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
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Initiative',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.JSONField(default=dict)),
                ('description', models.JSONField(default=dict, help_text='When, where, for whom, per language.')),
                ('theme', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='initiatives', to='neighbourhoods.theme')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='initiatives', to='neighbourhoods.area')),
                ('party', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='initiatives', to='neighbourhoods.party')),
                ('url', models.URLField(blank=True)),
                ('is_running', models.BooleanField(default=True)),
                ('since', models.DateField(blank=True, null=True)),
                ('checked_on', models.DateField(default=django.utils.timezone.localdate)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('receipt', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='note', to='accounts.receipt')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='neighbourhoods.area')),
                ('theme', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='notes', to='neighbourhoods.theme')),
                ('place', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='notes', to='neighbourhoods.place')),
                ('key_person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='notes', to='neighbourhoods.keyperson')),
                ('skills', models.JSONField(blank=True, default=list)),
                ('sent_key', models.UUIDField(help_text='Made on the phone: a note sent twice is one note.', unique=True)),
                ('noted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('noted_on', models.DateField(default=django.utils.timezone.localdate)),
            ],
            options={
                'ordering': ['-noted_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('receipt', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='offer', to='accounts.receipt')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='neighbourhoods.area')),
                ('theme', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='offers', to='neighbourhoods.theme')),
                ('card', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to='initiatives.expectationcard')),
                ('way', models.CharField(choices=[('think', 'Think along'), ('once', 'Help once'), ('often', 'Help more often'), ('pull', 'Take the lead, together with others')], max_length=8)),
                ('time', models.CharField(blank=True, choices=[('hour', 'an hour'), ('monthly', 'a part of a day each month'), ('weekly', 'each week')], max_length=8)),
                ('skills', models.JSONField(blank=True, default=list)),
                ('motives', models.JSONField(blank=True, default=list)),
                ('offered_on', models.DateField(default=django.utils.timezone.localdate)),
                ('state', models.CharField(choices=[('new', 'new'), ('contacted', 'contacted'), ('active', 'active'), ('paused', 'paused'), ('closed', 'closed')], default='new', max_length=10)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='offers', to=settings.AUTH_USER_MODEL)),
                ('next_action', models.CharField(blank=True, max_length=120)),
                ('next_action_on', models.DateField(blank=True, null=True)),
                ('closed_reason', models.CharField(blank=True, max_length=200)),
                ('withdrawn_from', models.CharField(blank=True, max_length=10)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('state', 'closed'), ('next_action_on__isnull', False), _connector='OR'), name='an_open_offer_has_a_next_action'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'closed'), _negated=True), models.Q(('closed_reason', ''), _negated=True), _connector='OR'), name='closed_with_a_reason'), models.CheckConstraint(condition=models.Q(('withdrawn_from', ''), ('state', 'closed'), _connector='OR'), name='a_withdrawn_offer_is_closed')],
            },
        ),
    ]
