"""What every refusal of bad input is: its message is for the person who gave it, and no traceback is."""


class Refused(ValueError):
    """What was given can't be used; the message names it, and says what is allowed."""
