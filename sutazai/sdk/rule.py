"""What a rule is: the class of fault behind a finding, with what a reader needs to understand it. Pure data."""

from dataclasses import dataclass

from sutazai.sdk.finding import Category, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """A class of fault that an engine can report.

    Attributes:
        id: our stable name, e.g. `py-sql-injection`.
        title: a short noun phrase for headings.
        category: what kind of trouble it is.
        severity: the default; a finding may differ.
        cwe: CWE numbers, most fitting first.
        description: why it is a fault and what to do, in a paragraph of Markdown.
        bad: an example that the rule reports.
        good: the same example done right, which it does not report.
        language: our language name of the examples.
        help_url: a public page about the fault, where there is one.
    """

    id: str
    title: str
    category: Category
    severity: Severity
    cwe: tuple[int, ...] = ()
    description: str = ""
    bad: str = ""
    good: str = ""
    language: str = "python"
    help_url: str = ""
