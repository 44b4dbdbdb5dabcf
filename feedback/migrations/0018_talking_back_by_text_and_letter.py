from django.db import migrations, models

from accounts.large_tables import AddCheckGently


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0017_texts_and_letters_are_checked'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='message', name='what_a_text_or_a_letter_can_say'),
        AddCheckGently(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('carrier', 'mail'), models.Q(('carrier', 'text'), ('purpose__in', ['code', 'confirm', 'follow_up', 'talk_back']), ('user__isnull', True)), models.Q(('carrier', 'letter'), ('purpose__in', ['follow_up', 'talk_back']), ('user__isnull', True)), _connector='OR'), name='what_a_text_or_a_letter_can_say'),
        ),
    ]
