"""Registries of what the terms of a program can be: an entry is all there is to say of one choice.

A form offers the labels, the engine computes by the functions, and statement, template and portal
tell the sentences. Another addon adds an entry, and its key and label to the field by
``selection_add``, since the registry is that of the process and the field that of a database.
"""

from odoo.tools.translate import LazyGettext

from ...engine.registry import Registry


class Choices(Registry):
    """The choices of one selection field: entries with a ``key``, a ``label`` in English, which is
    translated with the field, and what ``engine`` registers under the key as their ``function``."""

    def __init__(self, what: str, *entries, engine: Registry | None = None):
        """Begin a registry.

        :param engine: the engine's registry of the same keys
        """
        super().__init__(what)
        self.engine = engine
        for entry in entries:
            self.register(entry)

    @property
    def selection(self) -> list[tuple[str, str]]:
        """What a field offers."""
        return [(entry.key, entry.label) for entry in self.values()]

    def register(self, entry) -> None:
        """Add a choice, to the engine too unless it is the engine's own.

        :raise ValueError: when there is another of its key
        """
        if self.engine is not None and self.engine.get(entry.key) is not entry.function:
            self.engine.add(entry.key, entry.function)
        self.add(entry.key, entry)


def tell(env, sentence: LazyGettext | str | None) -> str:
    """A sentence of an entry in the language of the environment, nothing where it has none."""
    return env._(sentence) if isinstance(sentence, LazyGettext) else sentence or ""
