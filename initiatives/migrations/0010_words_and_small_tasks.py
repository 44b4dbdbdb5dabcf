from django.db import migrations, models

from feedback.words import may_be_danger


def point_out(apps, schema_editor):
    """Offers that nobody spoke about yet are looked through as new ones are."""
    Offer = apps.get_model('initiatives', 'Offer')
    unspoken = Offer.objects.filter(state='new', contacted_on=None).exclude(words='', conditions='')
    for pk, words, conditions in unspoken.values_list('pk', 'words', 'conditions').iterator():
        if may_be_danger(words, conditions):
            Offer.objects.filter(pk=pk).update(may_be_danger=True)


def name_what_came_with_a_task(apps, schema_editor):
    """Until now a page that came with a small task was one of an offer, without the offer."""
    apps.get_model('accounts', 'Receipt').objects.filter(purpose='offer', offer=None).update(purpose='task')


def call_it_an_offer_again(apps, schema_editor):
    apps.get_model('accounts', 'Receipt').objects.filter(purpose='task').update(purpose='offer')


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_small_tasks'),
        ('initiatives', '0009_public_since'),
    ]

    operations = [
        migrations.AddField(
            model_name='offer',
            name='may_be_danger',
            field=models.BooleanField(db_default=False, default=False, help_text='A guess from the words, so that they are read first, until a colleague read them.'),
        ),
        migrations.RunPython(point_out, migrations.RunPython.noop),
        migrations.RunPython(name_what_came_with_a_task, call_it_an_offer_again),
    ]
