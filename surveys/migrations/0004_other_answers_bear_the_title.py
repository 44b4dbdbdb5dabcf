from django.db import migrations

ONE = {"nl": "de andere vragen", "en": "the other questions"}


def name_after_the_survey(apps, schema_editor):
    """What is booked together was called “the other questions”: residents know a survey by its title."""
    Survey = apps.get_model("surveys", "Survey")
    Topic = apps.get_model("feedback", "Topic")
    FollowUp = apps.get_model("feedback", "FollowUp")
    titles = {}
    for survey in Survey.objects.select_related("current"):
        document = survey.current.document if survey.current else {}
        titles[f"survey:{survey.pk}"] = document.get("title") or survey.title
    for source, title in titles.items():
        Topic.objects.filter(source=source, key="rest").update(title=title)
    for draft in FollowUp.objects.filter(title=ONE, state="draft"):
        if title := titles.get(draft.audience.get("source")):
            draft.title = title
            draft.save(update_fields=["title"])


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0019_and_that_is_checked"),
        ("surveys", "0003_exports_in_a_language"),
    ]

    operations = [migrations.RunPython(name_after_the_survey, migrations.RunPython.noop)]
