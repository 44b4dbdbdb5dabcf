"""Database defaults (`db_default`). During a deployment the previous release still inserts rows without new columns."""

from django.db.models import DateField, Func, JSONField, Value

EMPTY = Value({}, output_field=JSONField())
NONE_YET = Value([], output_field=JSONField())
TODAY = Func(function="CURRENT_DATE", template="%(function)s", output_field=DateField())
