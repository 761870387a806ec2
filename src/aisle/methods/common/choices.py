"""Settings that only some values of another setting use, such as `trees` of `model: forest`."""

from collections.abc import Mapping
from typing import Any

Owners = Mapping[str, Mapping[str, Any]]
"""Value of the deciding setting → the settings that it uses, each with its default."""


def with_defaults(given: Any, *, key: str, owners: Owners, default: str | None = None) -> Any:
    """Return the stated settings with the defaults of those that the chosen value uses.

    `key` is the deciding setting, `default` its value where it is not stated. Raises ValueError
    when a setting is stated that the chosen value does not use. Anything that is not a mapping, or
    a value that is not known, is returned as it is: the checks of each field report it.
    """
    if not isinstance(given, Mapping):
        return given
    chosen = given.get(key, default)
    if not isinstance(chosen, str) or chosen not in owners:
        return given
    for name in dict.fromkeys(name for settings in owners.values() for name in settings):
        if name in owners[chosen] or given.get(name) is None:
            continue
        users = [value for value, settings in owners.items() if name in settings]
        raise ValueError(
            f"'{name}' has no effect with '{key}: {chosen}', only with {' or '.join(users)}; "
            "remove it"
        )
    missing = {name: own for name, own in owners[chosen].items() if given.get(name) is None}
    return {**given, **missing}
