from django.db import migrations, models


class Migration(migrations.Migration):
    """The state says whether it runs. The column stays for the release before, which goes on for a moment during an
    update: what begins meanwhile is not shown by it. A later release drops it (CONTRIBUTING.md); on SQLite, where
    nothing runs beside it, the next change of the table does."""

    dependencies = [('initiatives', '0002_connecting')]

    operations = [
        migrations.AlterField(
            model_name='initiative',
            name='is_running',
            field=models.BooleanField(default=True, db_default=False),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name='initiative', name='is_running')]
        ),
    ]
