"""The few errors handful raises on purpose. Each carries words that can be shown to a person."""

from __future__ import annotations


class HandfulError(Exception):
    """Something a user can put right. ``hint`` says how."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class InputError(HandfulError, ValueError):
    """An argument that cannot be used: what was given, and what would be accepted."""


class UnknownChoice(InputError):
    """An option's value that does not exist, with the values that do."""

    def __init__(self, option: str, given: object, allowed: tuple[str, ...] | list[str]) -> None:
        import difflib

        known = {str(choice).lower(): choice for choice in allowed}
        close = difflib.get_close_matches(str(given).lower(), list(known), n=1)
        hint = f"did you mean {known[close[0]]!r}? " if close else ""
        super().__init__(f"{option}={given!r} is not known", hint=f"{hint}accepted: {', '.join(allowed)}")
