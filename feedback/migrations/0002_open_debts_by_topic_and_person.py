from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0001_first_release'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='answerowed',
            name='open_by_topic',
        ),
        migrations.AddIndex(
            model_name='answerowed',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['topic', 'receipt', 'since', 'due_on', 'owner', 'reopened'], name='open_by_topic'),
        ),
    ]
