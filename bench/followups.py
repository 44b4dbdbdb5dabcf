"""How fast answers go out, beside Django's mail over one persistent connection to the same server."""

import json
import statistics
from collections.abc import Iterator

from bench.figures import Figure, at_least
from bench.house import House, house
from bench.servers import free_port
from scenarios.rehearsal.sink import Sink

SECTION = "followups"
PEOPLE = 400
ROUNDS = 3


def measure() -> Iterator[Figure]:
    sink = Sink(free_port())
    sink.start()
    try:
        with house(mail=f"smtp://127.0.0.1:{sink.port}", HOLD_SECONDS="0") as home:
            home.run("bench.sending", "clear", "0")
            before, ours, plain = len(sink.letters), [], []
            for _round in range(ROUNDS):
                home.run("bench.sending", "release", str(PEOPLE))
                ours.append(PEOPLE / float(home.run("bench.sending", "engine", str(PEOPLE))))
                keep_letter(home, sink)
                plain.append(PEOPLE / float(home.run("bench.sending", "plain", str(PEOPLE))))
            ratio = statistics.median(ours) / statistics.median(plain)
            more = f"{statistics.median(ours):.0f}/s / {statistics.median(plain):.0f}/s = "
            yield at_least(SECTION, "answers sent, beside Django's own mail", ratio, 0.5, more=more)
            wrong = len(sink.letters) - before - 2 * PEOPLE * ROUNDS
            yield Figure(SECTION, "mails too many or too few", str(wrong), "0", wrong == 0)
    finally:
        sink.stop()


def keep_letter(home: House, sink: Sink) -> None:
    """The words of a mail that came, for the other side to send the same."""
    message = sink.letters[-1].message
    parts = {kind: message.get_body((kind,)) for kind in ("plain", "html")}
    words = {kind: part.get_content() if part else "" for kind, part in parts.items()}
    letter = {"subject": str(message["Subject"]), "text": words["plain"], "html": words["html"]}
    (home.folder / "letter.json").write_text(json.dumps(letter))
