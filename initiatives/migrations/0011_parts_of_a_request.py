from django.db import migrations

# As initiatives.services.challenges says it since.
QUESTIONS = {
    'task': ('de taak', 'the task', 'Welke taak wilt u overnemen?', 'Which task do you want to take over?'),
    'who': ('wie het vraagt', 'who asks', 'Wie bent u, in een paar woorden?', 'Who are you, in a few words?'),
    'better': (
        'waarom beter of goedkoper',
        'why better or cheaper',
        'Waarom kunt u het beter of goedkoper?',
        'Why can you do it better or cheaper?',
    ),
    'support': (
        'steun in de buurt',
        'support in the neighbourhood',
        'Wie in de buurt steunt het?',
        'Who in the neighbourhood supports it?',
    ),
}
ONE = {'nl': 'Verzoek om een taak over te nemen', 'en': 'Request to take over a task'}


def give_each_part_its_question(apps, schema_editor):
    """All requests were one topic with one title; each part becomes one of its own, with the question it answers."""
    Topic, Contribution, AnswerOwed, FollowUp, Promise = (
        apps.get_model('feedback', name)
        for name in ('Topic', 'Contribution', 'AnswerOwed', 'FollowUp', 'Promise')
    )
    for old in Topic.objects.filter(source__startswith='challenge:', key='request'):
        number = old.source.partition(':')[2]
        for slot, (nl, en, asked_nl, asked_en) in QUESTIONS.items():
            said = Contribution.objects.filter(topic=old, slot=slot)
            if not said.exists():
                continue
            new, _made = Topic.objects.get_or_create(
                source=old.source,
                key=slot,
                area_id=old.area_id,
                defaults={
                    'theme_id': old.theme_id,
                    'title': {'nl': f'Verzoek {number}: {nl}', 'en': f'Request {number}: {en}'},
                    'question': {'nl': asked_nl, 'en': asked_en},
                },
            )
            pks = list(said.values_list('pk', flat=True))
            AnswerOwed.objects.filter(topic=old, contribution__in=pks).update(topic=new)
            Contribution.objects.filter(pk__in=pks).update(topic=new)
        for draft in FollowUp.objects.filter(audience__source=old.source):
            if draft.audience.get('key') in ('request', ['request']):
                draft.audience = {**draft.audience, 'key': []}
                draft.save(update_fields=['audience'])
    for promise in Promise.objects.filter(subject__startswith='challenge:', title=ONE):
        number = promise.subject.partition(':')[2]
        promise.title = {
            'nl': f'Verzoek {number} om een taak over te nemen',
            'en': f'Request {number} to take over a task',
        }
        promise.save(update_fields=['title'])


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0005_mail_about_offers'),
        ('initiatives', '0010_words_and_small_tasks'),
    ]

    operations = [
        migrations.RunPython(give_each_part_its_question, migrations.RunPython.noop),
    ]
