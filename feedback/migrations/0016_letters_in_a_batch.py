from django.db import migrations, models

from accounts.large_tables import AddIndexGently


class Migration(migrations.Migration):
    """Alone, and not in a transaction: the table of messages is the largest there is."""

    atomic = False

    dependencies = [
        ('feedback', '0015_telling'),
    ]

    operations = [
        AddIndexGently(
            model_name='message',
            index=models.Index(condition=models.Q(('batch__isnull', False)), fields=['batch'], name='message_in_a_batch'),
        ),
    ]
