from django.db import migrations

from accounts.large_tables import ValidateGently


class Migration(migrations.Migration):
    """What 0018 asks of new messages, of those that were there as well."""

    dependencies = [
        ('feedback', '0018_talking_back_by_text_and_letter'),
    ]

    operations = [
        ValidateGently(model_name='message', name='what_a_text_or_a_letter_can_say'),
    ]
