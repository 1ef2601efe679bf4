"""Who is asking. Locally that is the person at the terminal; a server puts the authenticated caller here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of a run.

    Attributes:
        name: how the caller is called in records.
        tenant: whose data the run may touch.
        scopes: permissions granted to the caller; a capability runs with these and its own, never more.
    """

    name: str
    tenant: str
    scopes: frozenset[str]

    def may(self, permission: str) -> bool:
        """Whether the caller was granted this permission; `*` stands for all."""
        return "*" in self.scopes or permission in self.scopes


def local_principal() -> Principal:
    """The person at this machine: one tenant, every scope."""
    return Principal(name="local", tenant="local", scopes=frozenset({"*"}))
