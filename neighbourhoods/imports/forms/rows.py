"""Form for rows of a file without a matching area: choose the area, or leave the row out."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from neighbourhoods.models import Area, Import


class RowsForm(forms.Form):
    """Per row the name of the chosen area, or empty to leave the row out."""

    template = "neighbourhoods/import_rows.html"

    def __init__(self, *args: Any, one: Import, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.report, self.chosen = one.report, one.options
        unmatched = self.report["extra"].get("unmatched", [])
        self.is_first = not Area.objects.leaves().exists()
        self.rows = [] if self.is_first else unmatched  # without areas there is nothing to choose from
        self.labels = _labels() if self.rows else {}
        self._areas = {label.casefold(): pk for pk, label in self.labels.items()}
        for number, row in enumerate(self.rows):
            self.fields[f"row_{number}"] = forms.CharField(
                label=row["name"] or row["code"],
                required=False,
                max_length=200,
                initial=self.labels.get(row["area"], ""),
                widget=forms.TextInput(attrs={"list": "areas", "autocomplete": "off"}),
            )

    @classmethod
    def of(cls, one: Import, posted: Any) -> "RowsForm | None":
        made = cls(posted, one=one)
        return made if made.fields else None

    def clean(self) -> dict[str, Any]:
        for number in range(len(self.rows)):
            said = self.cleaned_data.get(f"row_{number}", "").strip()
            if said and said.casefold() not in self._areas:
                self.add_error(f"row_{number}", _("Choose a place from the list, or leave it empty."))
        return self.cleaned_data

    @property
    def options(self) -> dict[str, Any]:
        """Earlier choices are kept, also for rows that are no longer shown."""
        if not self.rows:
            return {}
        picks = dict(self.chosen.get("picks", {}))
        for number, row in enumerate(self.rows):
            said = self.cleaned_data[f"row_{number}"].strip().casefold()
            picks[row["key"]] = self._areas.get(said, 0)
        return {"picks": picks}

    def unmatched(self) -> dict[str, list[dict[str, Any]]]:
        """Each row with its field, in three groups: to be checked, with an area, and unknown (many)."""
        shown: dict[str, list[dict[str, Any]]] = {"asked": [], "placed": [], "unknown": []}
        for number, row in enumerate(self.rows):
            field = self[f"row_{number}"]
            part = "asked" if row["like"] or field.errors else "placed" if row["area"] else "unknown"
            shown[part].append(row | {"field": field})
        return shown

    @property
    def left_out(self) -> int:
        """Number of places in the file that are left out, besides those that are asked."""
        picks = self.chosen.get("picks", {})
        left = sum(not area for area in picks.values())
        return self.report["counts"]["unmatched"] + left - sum(bool(row["like"]) for row in self.rows)

    @property
    def placed(self) -> int:
        return sum(bool(area) for area in self.chosen.get("picks", {}).values())


def _labels() -> dict[int, str]:
    """A unique label per area: its name, else with its district, else with its id."""
    areas = list(Area.objects.select_related("parent"))
    found: dict[int, str] = {}
    used: set[str] = set()
    for area in areas:
        label = area.name
        if label.casefold() in used:
            label = f"{area.name} ({area.parent or area.get_kind_display()})"
        if label.casefold() in used:
            label = f"{area.name} ({area.pk})"
        used.add(label.casefold())
        found[area.pk] = label
    return found
