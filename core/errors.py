"""Domain errors: each message is a sentence somebody can act on, ready for the screen."""


class DomainError(Exception):
    """Something that the rules of the house refuse. str(error) is shown to the person who asked for it."""


class InvalidTransition(DomainError):
    """The thing is no longer in the state the action starts from."""
