"""Print an apt source list for another suite, made from this machine's own sources.

The mirror, the signing keys and the way to reach them are the machine's business; all that changes
is the suite. Third parties' sources are left out: only those that serve the system's own release.

    apt_sources.py own        the release this machine runs
    apt_sources.py unstable   the distribution's development suite
"""

import re
import sys
from pathlib import Path

APT = Path("/etc/apt")
# What a source list may call a release instead of its code name.
ALIASES = {"oldstable", "stable", "testing", "unstable", "sid", "devel"}
DEVELOPMENT = {"debian": ("sid", "main"), "ubuntu": ("devel", "main universe")}


def read_release():
    """Return the system's distribution family and code name."""
    lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=")[::2] for line in lines)
    values = {key: value.strip("\"'") for key, value in pairs}
    family = {values.get("ID", ""), *values.get("ID_LIKE", "").split()}
    distribution = "ubuntu" if "ubuntu" in family else "debian"
    codename = values.get("UBUNTU_CODENAME") or values.get("VERSION_CODENAME") or "sid"
    return distribution, codename


def read_deb822(text):
    """Yield the stanzas of a `.sources` file, folded values kept as they stand."""
    for block in re.split(r"\n[ \t]*\n", text):
        stanza, field = {}, None
        for line in block.splitlines():
            if line.startswith("#") or not line.strip():
                continue
            if line[0] in " \t" and field:
                stanza[field] += "\n" + line
            elif ":" in line:
                field, _, value = line.partition(":")
                field = field.strip().lower()
                stanza[field] = value.strip()
        enabled = stanza.get("enabled", "yes").lower() != "no"
        if enabled and "deb" in stanza.get("types", "").split():
            yield stanza


def read_one_line(text):
    """Yield the `deb` lines of a `.list` file in the same shape."""
    for line in text.splitlines():
        match = re.match(r"deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)", line.strip())
        if match:
            options, uri, suite, components = match.groups()
            stanza = {"uris": uri, "suites": suite, "components": components.strip()}
            for option in (options or "").split():
                key, _, value = option.partition("=")
                stanza[key.lower()] = value.replace(",", " ")
            yield stanza


def read_sources():
    for path in [APT / "sources.list", *sorted((APT / "sources.list.d").glob("*"))]:
        if path.suffix == ".sources":
            yield from read_deb822(path.read_text(encoding="utf-8"))
        elif path.suffix == ".list" and path.is_file():
            yield from read_one_line(path.read_text(encoding="utf-8"))


def choose(stanzas, distribution, codename):
    """Return the stanza that serves the system's own release, or None.

    Others may use its code name as their suite too, so an archive named after the distribution
    goes first.
    """
    usable = [s for s in stanzas if "main" in s.get("components", "").split()]
    named = [s for s in usable if re.search(rf"/{distribution}\b", s.get("uris", ""))]
    for candidates, accepted in ((named, {codename}), (named, ALIASES), (usable, {codename})):
        for stanza in candidates:
            if accepted & set(stanza.get("suites", "").split()):
                return stanza
    return None


def main(which):
    distribution, codename = read_release()
    stanza = choose(list(read_sources()), distribution, codename)
    if stanza is None:
        sys.exit(f"No source under {APT} serves this system's own release ({codename}).")
    suite, components = codename, stanza["components"]
    if which == "unstable":
        suite, components = DEVELOPMENT[distribution]
    print("Types: deb")
    print("URIs:", stanza["uris"])
    print("Suites:", suite)
    print("Components:", components)
    print("Targets: Packages")  # no translations, no contents: seconds instead of minutes
    for field in ("signed-by", "trusted", "architectures", "arch"):
        if field in stanza:
            print(f"{'architectures' if field == 'arch' else field}: {stanza[field]}")


if __name__ == "__main__":
    main(sys.argv[1])
