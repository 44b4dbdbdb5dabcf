"""The verbs of SMTP, one by one, against servers that break off at each of them."""

import socket
import threading

import pytest

from feedback.delivery.emails import RelayUnreachable, SmtpRelaySession, Verdict, as_data


class Script:
    """A server that answers line by line from a script; None cuts the line."""

    def __init__(self, *answers: bytes | None) -> None:
        self._answers = list(answers)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self._socket.getsockname()[1]}"
        self.heard: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with self._socket, self._socket.accept()[0] as line:
            heard = b""
            for answer in self._answers:
                if answer is None:
                    return
                line.sendall(answer)
                end = b"\r\n.\r\n" if answer.startswith(b"354") else b"\r\n"
                while not heard.endswith(end):
                    chunk = line.recv(65536)
                    if not chunk:
                        return
                    heard += chunk
                self.heard.append(heard)
                heard = b""


HELLO, OK, GO = b"220 hello\r\n", b"250 ok\r\n", b"354 go\r\n"


def hand_over(*answers: bytes | None) -> Verdict:
    line = SmtpRelaySession(Script(HELLO, *answers).url, timeout=2)
    try:
        return line.hand_over("nabij@waterdam.example", "resident@example.nl", b"Subject: x\n\ny\n").verdict
    finally:
        line.close()


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ((OK, None), Verdict.LINE_LOST),  # at MAIL
        ((OK, OK, None), Verdict.LINE_LOST),  # at RCPT
        ((OK, OK, OK, None), Verdict.LINE_LOST),  # at DATA
        ((OK, OK, OK, GO, None), Verdict.UNKNOWN),  # after the body
        ((OK, OK, OK, GO, b"250 taken\r\n"), Verdict.ACCEPTED),
        ((OK, OK, OK, GO, b"451 later\r\n", OK), Verdict.LATER),
        ((OK, OK, OK, GO, b"554 spam\r\n", OK), Verdict.REFUSED),
        ((OK, OK, OK, b"452 full\r\n", OK), Verdict.LATER),
        ((OK, OK, b"550 nobody\r\n", OK), Verdict.REFUSED),
        ((OK, b"421 closing\r\n"), Verdict.LINE_LOST),
        ((OK, OK, OK, GO, b"421 closing\r\n"), Verdict.LATER),
    ],
)
def test_each_verb_has_its_verdict(answers, verdict):
    assert hand_over(*answers) == verdict


def test_silence_after_the_body_is_unknown(monkeypatch):
    class Silent(Script):
        def _serve(self) -> None:
            super()._serve()
            threading.Event().wait(1)

    server = Script(HELLO, OK, OK, OK, GO)
    server_line = SmtpRelaySession(server.url, timeout=0.3)
    assert server_line.hand_over("a@example.nl", "b@example.nl", b"x").verdict == Verdict.UNKNOWN


@pytest.mark.parametrize("greeting", [b"554 go away\r\n", None])
def test_relay_that_refuses_us_blames_no_mail(greeting):
    with pytest.raises(RelayUnreachable):
        SmtpRelaySession(Script(greeting).url, timeout=2)


def test_nobody_listens():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        with pytest.raises(RelayUnreachable):
            SmtpRelaySession(f"smtp://127.0.0.1:{probe.getsockname()[1]}", timeout=2)


def test_body_is_stuffed_and_ended():
    assert as_data(b"a\n.b\r\n..c") == b"a\r\n..b\r\n...c\r\n.\r\n"
