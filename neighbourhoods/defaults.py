"""What the database fills in itself (`db_default`). During an update the release before goes on for a moment, and its
rows name no column that it does not know."""

from django.db.models import DateField, Func, JSONField, Value

EMPTY = Value({}, output_field=JSONField())
NONE_YET = Value([], output_field=JSONField())
TODAY = Func(function="CURRENT_DATE", template="%(function)s", output_field=DateField())
