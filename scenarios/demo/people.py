"""One colleague per role. Residents see only the title; there are no names."""

from accounts.models import User
from neighbourhoods.models import Area, Membership
from neighbourhoods.states import Role

DOMAIN = "waterdam.example"
PASSWORD = "waterdam-demo-2026"  # noqa: S105  printed at every start, and only made in debug (scenarios.checks)

# address before the @, title, role, area
COLLEAGUES = (
    ("administrator", "beheerder", Role.ADMINISTRATOR, "Waterdam"),
    ("editor", "wijkmanager Oosterhaven", Role.EDITOR, "Waterdam"),
    ("traffic", "teamleider verkeer", Role.EDITOR, "Waterdam"),
    ("coordinator", "coördinator wijkteam", Role.COORDINATOR, "Oosterhaven"),
    ("backer", "wethouder wonen", Role.BACKER, "Waterdam"),
    ("viewer", "raadsgriffier", Role.VIEWER, "Waterdam"),
)
ADDRESSES = {f"{name}@{DOMAIN}" for name, _title, _role, _area in COLLEAGUES}


def make_people(areas: dict[str, Area]) -> dict[str, User]:
    """Colleagues by the part of their address before the @."""
    people = {}
    for name, title, role, area in COLLEAGUES:
        user = User(email=f"{name}@{DOMAIN}", title=title)
        if people:
            # Hash once, because hashing is slow on purpose.
            user.password = next(iter(people.values())).password
        else:
            user.set_password(PASSWORD)
        user.save()
        Membership.objects.create(user=user, area=areas[area], role=role)
        people[name] = user
    return people
