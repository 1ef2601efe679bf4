"""Which fixer knows which rule. A rule that is not here has no deterministic fix."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sutazai.review.fixes import calls, defaults, flags, random_numbers, shell, sql
from sutazai.review.fixes.site import Fixer, Rewrite, Site
from sutazai.sdk.finding import Finding
from sutazai.syntax.parse import Tree

FIXERS: Final[Mapping[str, Fixer]] = MappingProxyType(
    {
        "py-yaml-load": calls.yaml_load,
        "py-unsafe-object-loader": calls.yaml_load,
        "py-untrusted-deserialisation": calls.yaml_load,
        "py-tls-not-verified": calls.tls_verify,
        "py-tls-unverified-context": calls.tls_context,
        "py-mktemp": calls.mktemp,
        "py-weak-random": random_numbers.secrets_for_random,
        "py-secret-from-random": random_numbers.secrets_for_random,
        "py-random-near-secret": random_numbers.secrets_for_random,
        "py-mutable-default": defaults.none_for_mutable,
        "py-shell-command": shell.without_shell,
        "py-shell-built-command": shell.without_shell,
        "py-shell-with-list": shell.without_shell,
        "py-command-injection": shell.without_shell,
        "py-sql-string": sql.parameters_for_values,
        "py-sql-injection": sql.parameters_for_values,
        **dict.fromkeys(flags.RULES, flags.fix_flag),
    }
)


def rewritten(finding: Finding, tree: Tree) -> Rewrite | None:
    """The certain rewrite for a finding, None where there is none.

    Args:
        finding: in the file.
        tree: of the whole file; where it has errors nothing is certain.
    """
    fixer = FIXERS.get(finding.rule)
    return None if fixer is None or tree.has_error else fixer(Site(tree, finding))
