from django.db import migrations

from accounts.large_tables import ValidateGently


class Migration(migrations.Migration):
    """What 0010 asks of new messages, of those that were there as well."""

    dependencies = [
        ('feedback', '0016_letters_in_a_batch'),
    ]

    operations = [
        ValidateGently(model_name='message', name='what_a_text_or_a_letter_can_say'),
        ValidateGently(model_name='message', name='a_batch_is_of_letters'),
    ]
