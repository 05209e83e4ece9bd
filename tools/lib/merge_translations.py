"""Merge a .pot file into the translations beside it and tell what they still lack."""

import sys
from pathlib import Path

import polib

# Dates that change with every export would make every export a change.
UNSTABLE = ("POT-Creation-Date", "PO-Revision-Date")


def main(path):
    template = polib.pofile(path, wrapwidth=78)
    for name in UNSTABLE:
        template.metadata.pop(name, None)
    template.metadata["Content-Transfer-Encoding"] = "8bit"
    template.save(path)
    for name in sorted(Path(path).parent.glob("*.po")):
        translation = polib.pofile(str(name), wrapwidth=78)
        translation.merge(template)
        for entry in translation.obsolete_entries():
            translation.remove(entry)
        translation.save()
        missing = len(translation.untranslated_entries()) + len(translation.fuzzy_entries())
        print(f"{name.name}: {missing} to translate")


if __name__ == "__main__":
    main(sys.argv[1])
