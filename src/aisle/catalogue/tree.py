"""Category trees: text such as `["Watches >> Wrist Watches >> Some Watch"]`."""

import re

LEVELS = ">>"


def category(tree: str, *, level: int) -> str | None:
    """Return the name at `level` (1 = root), or None if the tree has no such level.

    Brackets, quotes of any kind around the path, repeated spaces and empty levels are tolerated.
    If a tree lists several paths, the first one counts.
    """
    first_path = re.split(r"[\"'”’]\s*,\s*[\"'“‘]", tree)[0]
    path = first_path.strip().strip("[]").strip().strip("\"'“”‘’").strip()
    names = [" ".join(name.split()) for name in path.split(LEVELS)]
    if not all(names[:level]) or len(names) < level:
        return None
    return names[level - 1]
