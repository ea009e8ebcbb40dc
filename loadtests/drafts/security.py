"""What an operation asks for before it answers: schemes become headers whose values are secret."""

import re
from collections.abc import Mapping
from typing import Any

from loadtests.drafts.draft import Credential
from loadtests.drafts.schemas import NoValueError, Schemas


def credentials_of(operation: Mapping[str, Any], schemas: Schemas) -> tuple[Credential, ...]:
    """Return the credentials of the first way in which an operation lets somebody in.

    Raises NoValueError where no way is one that a header can go.
    """
    ways = operation.get("security", schemas.document.get("security")) or [{}]
    if {} in ways:
        return ()
    why = NoValueError("it asks for a log-in that is not told")
    for way in ways:
        try:
            return tuple(_credential(name, schemas) for name in way)
        except NoValueError as error:
            why = error
    raise why


def variable_of(name: str) -> str:
    """Return the name of the environment variable that has a secret."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    plain = re.sub(r"\W+", "_", words, flags=re.ASCII).strip("_").upper()
    return plain if plain[:1].isalpha() else f"CREDENTIAL_{plain}".rstrip("_")


def _credential(name: str, schemas: Schemas) -> Credential:
    known = schemas.document.get("components", {}).get("securitySchemes", {})
    scheme = schemas.resolve(known.get(name))
    if not isinstance(scheme, Mapping):
        raise NoValueError(f"it asks for {name}, which the document does not describe")
    kind, how = scheme.get("type"), str(scheme.get("scheme", "")).lower()
    variable = variable_of(name)
    if kind in {"oauth2", "openIdConnect"} or (kind, how) == ("http", "bearer"):
        return Credential(variable, "Authorization", "Bearer {}")
    if (kind, how) == ("http", "basic"):
        return Credential(variable, "Authorization", "Basic {}")
    if kind == "apiKey" and scheme.get("in") == "header":
        return Credential(variable, str(scheme["name"]), "{}")
    if kind == "apiKey" and scheme.get("in") == "cookie":
        return Credential(variable, "Cookie", f"{scheme['name']}={{}}")
    raise NoValueError(f"it asks for {name} ({how or scheme.get('in') or kind}), by no header")
