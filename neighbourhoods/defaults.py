"""Database defaults (`db_default`). During a deployment the previous release still inserts rows without new columns."""

from django.db.models import DateField, Func, JSONField, Value

EMPTY_JSON_OBJECT = Value({}, output_field=JSONField())
EMPTY_JSON_LIST = Value([], output_field=JSONField())
TODAY = Func(function="CURRENT_DATE", template="%(function)s", output_field=DateField())
