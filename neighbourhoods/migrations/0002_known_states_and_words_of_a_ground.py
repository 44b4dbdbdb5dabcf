"""Values that are known, checked by the database; and the words of a ground, kept with the plan that names it."""

from django.db import migrations, models

# As neighbourhoods.rules has them today: who changed nothing published with these words.
GROUNDS = {
    'small-change': {
        'nl': 'Het is een kleine wijziging van beleid dat er al is.',
        'en': 'It is a small change of policy that is there already.',
    },
    'no-room': {
        'nl': 'Een hogere regeling laat geen keus.',
        'en': 'A higher regulation leaves no choice.',
    },
    'budget': {
        'nl': 'Het gaat over de begroting of de tarieven.',
        'en': 'It is about the budget or the rates.',
    },
    'urgent': {
        'nl': 'Het kan niet wachten.',
        'en': "It can't wait.",
    },
    'own-house': {
        'nl': 'Het gaat alleen over hoe de gemeente zelf werkt.',
        'en': 'It is only about how the municipality itself works.',
    },
    'asked-lately': {
        'nl': 'Bewoners deden hierover kort geleden al mee.',
        'en': 'Residents took part in this recently.',
    },
    'vulnerable': {
        'nl': 'Meedoen kan kwetsbare groepen onevenredig schaden.',
        'en': 'Participation could disproportionately harm vulnerable groups.',
    },
}


def keep_words(apps, schema_editor):
    rules = apps.get_model("neighbourhoods", "ParticipationRules").objects.filter(pk=1).first()
    grounds = {one["slug"]: one["name"] for one in rules.grounds} if rules and rules.grounds else GROUNDS
    plans = apps.get_model("neighbourhoods", "ParticipationPlan").objects
    for plan in plans.filter(is_waived=True, published_at__isnull=False):
        # A ground that is gone already left its slug alone, which was made of its words.
        words = grounds.get(plan.waiver_ground) or GROUNDS.get(plan.waiver_ground)
        plan.waiver_ground_name = words or {"nl": plan.waiver_ground.replace("-", " ").capitalize()}
        plan.save(update_fields=["waiver_ground_name"])


class Migration(migrations.Migration):

    dependencies = [
        ("neighbourhoods", "0001_first_release"),
    ]

    operations = [
        migrations.AddField(
            model_name="participationplan",
            name="waiver_ground_name",
            field=models.JSONField(
                blank=True,
                db_default=models.Value({}, output_field=models.JSONField()),
                default=dict,
                help_text="The ground in the words it was published with, per language.",
            ),
        ),
        migrations.RunPython(keep_words, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="area",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["municipality", "district", "neighbourhood"])),
                name="area_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="backing",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["requested", "signed", "declined", "withdrawn"])),
                name="backing_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="trajectorystep",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["todo", "doing", "done", "skipped"])),
                name="step_state_is_known",
            ),
        ),
    ]
