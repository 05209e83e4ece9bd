"""What can be chosen, by key: one entry each, to which others may be added."""


class Registry(dict):
    """A dictionary that refuses an unknown key, and a second entry of one key, in a sentence.

    >>> shapes = Registry("shape", {"round": 1})
    >>> shapes["square"]
    Traceback (most recent call last):
    ValueError: Unknown shape 'square'.
    >>> shapes.add("round", 2)
    Traceback (most recent call last):
    ValueError: There is a shape 'round' already.
    """

    def __init__(self, what: str, entries=()):
        """Begin a registry.

        :param what: an entry, as a refusal names it
        """
        super().__init__(entries)
        self.what = what

    def __missing__(self, key):
        raise ValueError(f"Unknown {self.what} {key!r}.")

    def add(self, key: str, entry) -> None:
        """Add an entry.

        :raise ValueError: when there is one of this key
        """
        if key in self:
            raise ValueError(f"There is a {self.what} {key!r} already.")
        self[key] = entry
