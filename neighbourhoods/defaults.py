"""Database defaults (`db_default`). During an update the previous release keeps running for a moment, and its
inserts lack columns it does not know.
"""

from django.db.models import DateField, Func, JSONField, Value

EMPTY = Value({}, output_field=JSONField())
NONE_YET = Value([], output_field=JSONField())
TODAY = Func(function="CURRENT_DATE", template="%(function)s", output_field=DateField())
