"""Domain errors. Each message is a sentence that tells the user what to do, ready for the screen."""


class DomainError(Exception):
    """A domain rule refuses the action. str(error) is shown to the user who asked for it."""


class InvalidTransition(DomainError):
    """The row is no longer in the state that the action starts from."""
