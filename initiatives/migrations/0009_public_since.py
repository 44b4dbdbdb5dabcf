from django.db import migrations, models
from django.db.models import F, Q


def fill(apps, schema_editor):
    """What can be read now, and what ended after it could: noted down, which is public at once, or once running.
    Of the rest nobody knows whether anybody could read it; it stays between who had the idea and us."""
    Initiative = apps.get_model('initiatives', 'Initiative')
    was_read = Q(state='ended', withdrawn_from='') & (Q(owner=None) | Q(since__isnull=False))
    public = Q(state__in=['preparing', 'running']) | was_read
    Initiative.objects.filter(public).update(public_on=F('state_on'))


class Migration(migrations.Migration):

    dependencies = [
        ('initiatives', '0008_an_offer_closes_on_a_day'),
    ]

    operations = [
        migrations.AddField(
            model_name='initiative',
            name='public_on',
            field=models.DateField(blank=True, help_text='Since when everybody can read of it; it stays when it ends.', null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
