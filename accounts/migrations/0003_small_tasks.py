
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_connecting'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='receipt',
            name='receipt_purpose_is_known',
        ),
        migrations.AlterField(
            model_name='receipt',
            name='purpose',
            field=models.CharField(choices=[('participation', 'an answer to a survey'), ('offer', 'an offer to join in'), ('following', 'following a neighbourhood'), ('invitation', 'an invitation'), ('note', 'a note from a talk'), ('initiative', 'an initiative or a request'), ('task', 'a small task')], max_length=16),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.CheckConstraint(condition=models.Q(('purpose__in', ['participation', 'offer', 'following', 'invitation', 'note', 'initiative', 'task'])), name='receipt_purpose_is_known'),
        ),
    ]
