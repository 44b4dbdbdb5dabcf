import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('neighbourhoods', '0001_initial'), ('neighbourhoods', '0002_invitations_and_imports'), ('neighbourhoods', '0003_places_figures_trajectories'), ('neighbourhoods', '0004_the_way_of_a_file'), ('neighbourhoods', '0005_means_and_plain_ladder'), ('neighbourhoods', '0006_trajectories'), ('neighbourhoods', '0007_key_person_kind'), ('neighbourhoods', '0008_borders_drawn_anew'), ('neighbourhoods', '0009_fewer_indexes_on_figures'), ('neighbourhoods', '0010_phone_may_be_empty'), ('neighbourhoods', '0011_borders_have_a_box'), ('neighbourhoods', '0012_sentences'), ('neighbourhoods', '0013_words_of_a_theme')]

    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='ColumnMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('borders', 'borders'), ('figures', 'figures'), ('postcodes', 'postcodes')], default='figures', max_length=12)),
                ('name', models.CharField(max_length=80, unique=True, verbose_name='name')),
                ('columns', models.JSONField(default=dict)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True, verbose_name='name')),
                ('publisher', models.CharField(blank=True, max_length=120, verbose_name='publisher')),
                ('licence', models.CharField(blank=True, max_length=80, verbose_name='licence')),
                ('url', models.URLField(blank=True, verbose_name='address')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Theme',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(unique=True)),
                ('name', models.JSONField(default=dict, verbose_name='name')),
                ('words', models.JSONField(blank=True, default=dict, help_text='Words that go with it, per language: where suggestions begin.')),
                ('order', models.PositiveSmallIntegerField(default=0)),
                ('retired_on', models.DateField(blank=True, null=True)),
            ],
            options={
                'ordering': ['order', 'slug'],
            },
        ),
        migrations.CreateModel(
            name='Area',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('municipality', 'municipality'), ('district', 'district'), ('neighbourhood', 'neighbourhood')], max_length=16)),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('slug', models.SlugField(max_length=140, unique=True)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='neighbourhoods.area')),
                ('ended_on', models.DateField(blank=True, null=True)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind', 'municipality'), ('parent__isnull', True)), models.Q(models.Q(('kind', 'municipality'), _negated=True), ('parent__isnull', False)), _connector='OR'), name='only_the_municipality_has_no_parent'), models.UniqueConstraint(condition=models.Q(('kind', 'municipality')), fields=('kind',), name='one_root_area')],
            },
        ),
        migrations.CreateModel(
            name='AreaVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='neighbourhoods.area')),
                ('year', models.PositiveSmallIntegerField()),
                ('code', models.CharField(blank=True, max_length=12)),
                ('name', models.CharField(max_length=120)),
                ('boundary', models.JSONField(blank=True, help_text='GeoJSON Polygon or MultiPolygon, WGS84, as it was given.', null=True)),
                ('outline', models.JSONField(blank=True, help_text='The boundary for the screen: fewer points, borders still shared.', null=True)),
                ('west', models.FloatField(blank=True, null=True)),
                ('south', models.FloatField(blank=True, null=True)),
                ('east', models.FloatField(blank=True, null=True)),
                ('north', models.FloatField(blank=True, null=True)),
                ('source', models.CharField(blank=True, max_length=200)),
                ('is_recut', models.BooleanField(default=False, help_text='Its border was drawn anew that year, so no trend goes across it.')),
            ],
            options={
                'ordering': ['-year'],
                'constraints': [models.UniqueConstraint(fields=('area', 'year'), name='one_version_per_year'), models.UniqueConstraint(condition=models.Q(('code', ''), _negated=True), fields=('year', 'code'), name='one_area_per_code_and_year'), models.CheckConstraint(condition=models.Q(models.Q(('boundary__isnull', True), ('east__isnull', True), ('north__isnull', True), ('south__isnull', True), ('west__isnull', True)), models.Q(('boundary__isnull', False), ('east__isnull', False), ('north__isnull', False), ('south__isnull', False), ('south__lte', models.F('north')), ('west__isnull', False), ('west__lte', models.F('east'))), _connector='OR'), name='a_border_has_a_box')],
            },
        ),
        migrations.CreateModel(
            name='Backing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(max_length=80)),
                ('digest', models.CharField(max_length=64)),
                ('url', models.CharField(help_text='Where the backer reads what they sign.', max_length=200)),
                ('title', models.JSONField(default=dict)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='backings', to='neighbourhoods.area')),
                ('backer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='backings', to=settings.AUTH_USER_MODEL)),
                ('backer_title', models.CharField(blank=True, max_length=80)),
                ('statement', models.JSONField(default=dict, help_text='What they stand for, per language.')),
                ('until', models.DateField()),
                ('state', models.CharField(choices=[('requested', 'asked'), ('signed', 'backed'), ('declined', 'not backed'), ('withdrawn', 'withdrawn')], default='requested', max_length=12)),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('requested_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('state', 'requested')), models.Q(models.Q(('state', 'requested'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='backing_decided_when_decided'), models.UniqueConstraint(condition=models.Q(('state__in', ['requested', 'signed'])), fields=('subject', 'backer'), name='one_open_backing_per_backer')],
            },
        ),
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('borders', 'borders'), ('figures', 'figures'), ('postcodes', 'postcodes')], max_length=12)),
                ('file_name', models.CharField(max_length=120)),
                ('content', models.BinaryField(default=b'')),
                ('options', models.JSONField(default=dict)),
                ('report', models.JSONField(default=dict)),
                ('undo', models.BinaryField(default=b'')),
                ('state', models.CharField(choices=[('reading', 'being read'), ('previewed', 'waiting for a decision'), ('writing', 'being written'), ('applied', 'carried out'), ('refused', "can't be read"), ('dropped', 'dropped'), ('undone', 'undone')], default='reading', max_length=12)),
                ('done', models.PositiveIntegerField(default=0, help_text='Rows or areas that were dealt with.')),
                ('total', models.PositiveIntegerField(default=0)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('state__in', ['reading', 'previewed', 'writing'])), models.Q(('content', b''), ('decided_at__isnull', False), ('state__in', ['applied', 'refused', 'dropped', 'undone'])), _connector='OR'), name='file_is_emptied_when_decided'), models.CheckConstraint(condition=models.Q(('kind__in', ['borders', 'figures', 'postcodes'])), name='import_kind_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Indicator',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('name', models.JSONField(default=dict, verbose_name='name')),
                ('explanation', models.JSONField(blank=True, default=dict, verbose_name='in plain words')),
                ('sentence', models.JSONField(blank=True, default=dict, verbose_name='as residents read it')),
                ('unit', models.CharField(blank=True, max_length=20, verbose_name='unit')),
                ('nature', models.CharField(choices=[('count', 'a count'), ('percentage', 'a percentage'), ('average', 'an average'), ('estimate', 'a modelled estimate')], max_length=12, verbose_name='what it is')),
                ('decimals', models.PositiveSmallIntegerField(default=0, verbose_name='decimals')),
                ('columns', models.JSONField(blank=True, default=list, verbose_name='names in files')),
                ('order', models.PositiveSmallIntegerField(default=1000)),
                ('is_key', models.BooleanField(default=False, verbose_name='shown on the profile')),
            ],
            options={
                'ordering': ['order', 'slug'],
                'constraints': [models.CheckConstraint(condition=models.Q(('nature__in', ['count', 'percentage', 'average', 'estimate'])), name='nature_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to=settings.AUTH_USER_MODEL)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='neighbourhoods.area')),
                ('role', models.CharField(choices=[('viewer', 'viewer'), ('backer', 'backer (alderman or team lead)'), ('coordinator', 'coordinator'), ('editor', 'editor (civil servant)'), ('administrator', 'administrator')], max_length=16)),
                ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('until', models.DateField(blank=True, null=True, verbose_name='until')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('accepted_at__isnull', True), ('withdrawn_at__isnull', True), _connector='OR'), name='invitation_has_one_end'), models.CheckConstraint(condition=models.Q(('role__in', ['viewer', 'backer', 'coordinator', 'editor', 'administrator'])), name='invitation_role_is_known'), models.UniqueConstraint(condition=models.Q(('accepted_at__isnull', True), ('withdrawn_at__isnull', True)), fields=('user', 'area', 'role'), name='one_open_invitation_each')],
            },
        ),
        migrations.CreateModel(
            name='Means',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='means', to='neighbourhoods.area')),
                ('mandate', models.BooleanField(blank=True, null=True, verbose_name='somebody in charge stands behind working here')),
                ('mandate_of', models.CharField(blank=True, max_length=80, verbose_name='who, by role')),
                ('budget', models.PositiveIntegerField(blank=True, null=True, verbose_name='budget in euros')),
                ('hours', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='hours of colleagues a week')),
                ('changed_on', models.DateField(default=django.utils.timezone.localdate)),
            ],
            options={
                'verbose_name_plural': 'means',
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='neighbourhoods.area')),
                ('role', models.CharField(choices=[('viewer', 'viewer'), ('backer', 'backer (alderman or team lead)'), ('coordinator', 'coordinator'), ('editor', 'editor (civil servant)'), ('administrator', 'administrator')], max_length=16)),
                ('until', models.DateField(blank=True, null=True, verbose_name='until')),
            ],
            options={
                'ordering': ['user__email', 'area__name'],
                'constraints': [models.UniqueConstraint(fields=('user', 'area', 'role'), name='one_membership_each'), models.CheckConstraint(condition=models.Q(('role__in', ['viewer', 'backer', 'coordinator', 'editor', 'administrator'])), name='membership_role_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Municipality',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='As residents say it: “Gemeente Waterdam”.', max_length=80, verbose_name='name')),
                ('code', models.CharField(blank=True, help_text='As Statistics Netherlands writes it: GM0363.', max_length=6, verbose_name='code of the municipality')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='phone')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address that is read')),
                ('languages', models.JSONField(default=list, help_text='Codes, the first is the main one.', verbose_name='languages')),
                ('theme', models.SlugField(blank=True, verbose_name='colours')),
                ('smallest_cell', models.PositiveSmallIntegerField(default=10, verbose_name='smallest number to publish')),
                ('backup_days', models.PositiveSmallIntegerField(default=30, verbose_name='days that backups are kept')),
                ('roles_with_mfa', models.JSONField(blank=True, default=list, verbose_name='roles that need a second factor')),
                ('danger_text', models.JSONField(blank=True, default=dict, verbose_name='what a resident reads when a text names danger')),
                ('danger_email', models.EmailField(blank=True, max_length=254, verbose_name='who is warned of danger')),
                ('defects_email', models.EmailField(blank=True, max_length=254, verbose_name='reporting desk for street defects')),
                ('accessibility_note', models.JSONField(blank=True, default=dict, verbose_name='accessibility statement')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_municipality')],
            },
        ),
        migrations.CreateModel(
            name='ParticipationRules',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ladder', models.JSONField(blank=True, default=dict, help_text='Influence -> language -> name.')),
                ('plain_ladder', models.JSONField(blank=True, default=dict, help_text='Influence -> language -> what it means to a resident.')),
                ('roles', models.JSONField(blank=True, default=dict, help_text='GovernmentRole -> language -> name.')),
                ('grounds', models.JSONField(blank=True, default=list, help_text='Grounds to waive participation: [{slug, name per language}].')),
                ('terms', models.JSONField(blank=True, default=dict, help_text='Name of a term -> days.')),
                ('report_sections', models.JSONField(blank=True, default=list, help_text='Sections of the final report: [{slug, title per language}].')),
                ('thresholds', models.JSONField(blank=True, default=dict, help_text='Thresholds of the advice.')),
                ('silent_from', models.DateField(blank=True, null=True, verbose_name='no political sponsor shown from')),
                ('silent_until', models.DateField(blank=True, null=True, verbose_name='until and including')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_set_of_rules'), models.CheckConstraint(condition=models.Q(models.Q(('silent_from__isnull', True), ('silent_until__isnull', True)), models.Q(('silent_from__isnull', False), ('silent_until__gte', models.F('silent_from')), ('silent_until__isnull', False)), _connector='OR'), name='silence_has_two_days')],
            },
        ),
        migrations.CreateModel(
            name='Party',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('kind', models.CharField(choices=[('residents', 'residents together'), ('organisation', 'organisation'), ('entrepreneur', 'entrepreneur'), ('municipality', 'municipality')], max_length=12, verbose_name='kind')),
                ('about', models.TextField(blank=True, max_length=1000, verbose_name='what it does here')),
                ('url', models.URLField(blank=True, verbose_name='website')),
                ('checked_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='still true on')),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('areas', models.ManyToManyField(related_name='parties', to='neighbourhoods.area', verbose_name='works in')),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['residents', 'organisation', 'entrepreneur', 'municipality'])), name='party_kind_is_known')],
            },
        ),
        migrations.CreateModel(
            name='KeyPerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='key_persons', to='neighbourhoods.area')),
                ('party', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='key_persons', to='neighbourhoods.party')),
                ('kind', models.CharField(choices=[('resident', 'lives here'), ('school', 'school and childcare'), ('care', 'care and help'), ('housing', 'housing: caretaker, corporation'), ('club', 'club, sport or association'), ('faith', 'faith'), ('shop', 'shop or café'), ('street', 'the street: police, green, cleaning'), ('other', 'something else')], default='other', max_length=10, verbose_name='knows people from')),
                ('role', models.CharField(help_text='As neighbours say it: “a hairdresser”, “the caretaker”.', max_length=80, verbose_name='role')),
                ('spoken_on', models.DateField(blank=True, null=True, verbose_name='spoken on')),
                ('name', models.CharField(blank=True, max_length=120, verbose_name='name')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='phone')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('permission_on', models.DateField(blank=True, null=True, verbose_name='gave permission on')),
                ('notified_on', models.DateField(blank=True, null=True, verbose_name='was told what we keep on')),
                ('review_on', models.DateField(blank=True, null=True, verbose_name='look again on')),
            ],
            options={
                'ordering': ['role'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('email', ''), ('name', ''), ('phone', '')), models.Q(('notified_on__isnull', False), ('permission_on__isnull', False), ('review_on__isnull', False)), _connector='OR'), name='a_name_only_with_permission'), models.CheckConstraint(condition=models.Q(('kind__in', ['resident', 'school', 'care', 'housing', 'club', 'faith', 'shop', 'street', 'other'])), name='key_person_kind_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('kind', models.CharField(choices=[('meeting', 'to meet'), ('green', 'green and play'), ('sport', 'sport'), ('school', 'school and childcare'), ('care', 'care and help'), ('faith', 'faith'), ('shop', 'shop or café'), ('other', 'something else')], max_length=12, verbose_name='kind')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='neighbourhoods.area', verbose_name='where')),
                ('party', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='places', to='neighbourhoods.party', verbose_name='whose')),
                ('address', models.CharField(blank=True, max_length=160, verbose_name='address')),
                ('free', models.CharField(blank=True, max_length=200, verbose_name='when there is room')),
                ('about', models.TextField(blank=True, max_length=1000, verbose_name='what it is good for')),
                ('checked_on', models.DateField(default=django.utils.timezone.localdate, verbose_name='still true on')),
                ('ended_on', models.DateField(blank=True, null=True)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['meeting', 'green', 'sport', 'school', 'care', 'faith', 'shop', 'other'])), name='place_kind_is_known')],
            },
        ),
        migrations.CreateModel(
            name='Postcode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=6)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='postcodes', to='neighbourhoods.area')),
            ],
            options={
                'ordering': ['code'],
                'constraints': [models.UniqueConstraint(fields=('code', 'area'), name='one_postcode_per_area')],
            },
        ),
        migrations.CreateModel(
            name='Figure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='figures', to='neighbourhoods.area')),
                ('indicator', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='figures', to='neighbourhoods.indicator')),
                ('year', models.PositiveSmallIntegerField()),
                ('value', models.FloatField(blank=True, null=True)),
                ('gap', models.CharField(blank=True, choices=[('missing', 'not in the file'), ('secret', 'kept secret, too few people'), ('later', 'not there yet'), ('ended', 'no longer published')], max_length=8)),
                ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='figures', to='neighbourhoods.source')),
                ('imported', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='neighbourhoods.import')),
            ],
            options={
                'ordering': ['indicator__order', 'area', '-year'],
                'indexes': [models.Index(fields=['indicator', 'year', 'area'], name='neighbourho_indicat_0287db_idx')],
                'constraints': [models.UniqueConstraint(fields=('area', 'indicator', 'year'), name='one_figure_per_year'), models.CheckConstraint(condition=models.Q(models.Q(('gap__in', ['missing', 'secret', 'later', 'ended']), ('value__isnull', True)), models.Q(('gap', ''), ('value__isnull', False)), _connector='OR'), name='a_figure_or_why_not')],
            },
        ),
        migrations.CreateModel(
            name='Succession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='successions', to='neighbourhoods.area')),
                ('after', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='origins', to='neighbourhoods.area')),
                ('year', models.PositiveSmallIntegerField()),
                ('share', models.FloatField(help_text='Of the surface of the area before, between 0 and 1.')),
            ],
            options={
                'ordering': ['-year', 'before', '-share'],
                'constraints': [models.UniqueConstraint(fields=('before', 'after'), name='one_succession_each'), models.CheckConstraint(condition=models.Q(('share__gt', 0), ('share__lte', 1)), name='share_is_a_part'), models.CheckConstraint(condition=models.Q(('before', models.F('after')), _negated=True), name='nobody_succeeds_itself')],
            },
        ),
        migrations.CreateModel(
            name='Trajectory',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('phase', models.CharField(choices=[('preparation', 'preparing a decision'), ('execution', 'carrying it out'), ('evaluation', 'looking back')], default='preparation', max_length=12, verbose_name='phase')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='trajectories', to=settings.AUTH_USER_MODEL)),
                ('started_on', models.DateField(default=django.utils.timezone.localdate)),
                ('closed_on', models.DateField(blank=True, null=True)),
                ('areas', models.ManyToManyField(related_name='trajectories', to='neighbourhoods.area', verbose_name='where')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('phase__in', ['preparation', 'execution', 'evaluation'])), name='phase_is_known')],
            },
        ),
        migrations.CreateModel(
            name='TalkBack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('trajectory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='talk_backs', to='neighbourhoods.trajectory')),
                ('kind', models.CharField(choices=[('meeting', 'a meeting'), ('round', 'a short reaction round')], max_length=8)),
                ('on', models.DateField(verbose_name='on')),
                ('place', models.CharField(blank=True, max_length=120, verbose_name='place')),
                ('source', models.CharField(blank=True, max_length=40)),
                ('present', models.PositiveIntegerField(blank=True, null=True, verbose_name='how many were there')),
                ('support_yes', models.PositiveIntegerField(blank=True, null=True, verbose_name='support it')),
                ('support_partly', models.PositiveIntegerField(blank=True, null=True, verbose_name='partly')),
                ('support_no', models.PositiveIntegerField(blank=True, null=True, verbose_name="don't support it")),
                ('heard', models.JSONField(blank=True, default=dict, verbose_name='what was said')),
            ],
            options={
                'ordering': ['on', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind', 'meeting'), ('source', '')), ('kind', 'round'), _connector='OR'), name='a_meeting_is_no_poll')],
            },
        ),
        migrations.CreateModel(
            name='ParticipationPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('trajectory', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='plan', to='neighbourhoods.trajectory')),
                ('goal', models.JSONField(blank=True, default=dict, verbose_name='goal')),
                ('fixed', models.JSONField(blank=True, default=dict, verbose_name='what is fixed already')),
                ('influence', models.CharField(blank=True, choices=[('inform', 'you are told'), ('consult', 'you are asked'), ('advise', 'your advice weighs in'), ('coproduce', 'we make it together'), ('decide', 'you decide with us')], max_length=10, verbose_name='level of influence')),
                ('influence_why', models.JSONField(blank=True, default=dict, verbose_name='why this level')),
                ('who', models.JSONField(blank=True, default=dict, verbose_name='who takes part')),
                ('activities', models.JSONField(blank=True, default=list, help_text='[{what per language, on: date or null}]', verbose_name='activities')),
                ('input_use', models.JSONField(blank=True, default=dict, verbose_name='what happens with what people say')),
                ('reporting', models.JSONField(blank=True, default=dict, verbose_name='how it is reported')),
                ('is_waived', models.BooleanField(default=False, verbose_name='participation is waived')),
                ('waiver_ground', models.SlugField(blank=True, verbose_name='on which ground')),
                ('waiver_why', models.JSONField(blank=True, default=dict, verbose_name='why')),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('changes', models.JSONField(blank=True, default=list, help_text='After publication: [{on, what per language}], newest last.')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('is_waived', False), models.Q(('waiver_ground', ''), _negated=True), _connector='OR'), name='waived_on_a_ground')],
            },
        ),
        migrations.CreateModel(
            name='ApproachDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='approach_decisions', to='neighbourhoods.area')),
                ('trajectory', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='approach_decisions', to='neighbourhoods.trajectory')),
                ('advised', models.CharField(max_length=20)),
                ('chosen', models.CharField(max_length=20, verbose_name='approach')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='why another approach than was advised')),
                ('advice', models.JSONField(default=dict)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('chosen', models.F('advised')), models.Q(('reason', ''), _negated=True), _connector='OR'), name='deviating_has_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='TrajectoryStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('trajectory', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='neighbourhoods.trajectory')),
                ('number', models.PositiveSmallIntegerField(choices=[(0, 'mandate and owner'), (1, 'what the figures say'), (2, 'who and what is there already'), (3, 'the plan, and what we promise'), (4, 'the survey, layer 1'), (5, 'going deeper per theme'), (6, 'talking back with residents'), (7, 'choosing the approach'), (8, 'everybody hears what happened'), (9, 'matching and starting'), (10, 'the final report'), (11, 'looking back after 6 to 12 months')])),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='before')),
                ('state', models.CharField(choices=[('todo', 'to do'), ('doing', 'under way'), ('done', 'done'), ('skipped', 'left out')], default='todo', max_length=8)),
                ('done_on', models.DateField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='why it is left out')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('trajectory', 'number'), name='one_of_each_step'), models.CheckConstraint(condition=models.Q(('number__lte', 11)), name='twelve_steps'), models.CheckConstraint(condition=models.Q(models.Q(('done_on__isnull', False), ('state', 'done')), models.Q(models.Q(('state', 'done'), _negated=True), ('done_on__isnull', True)), _connector='OR'), name='a_done_step_has_a_date'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'skipped'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='left_out_with_a_reason')],
            },
        ),
    ]
