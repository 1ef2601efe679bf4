"""The shapes of known credentials: what a token of each provider looks like, and its checksum where the format has one.

Owns patterns only. Every pattern is linear: no quantifier inside a quantifier, every run bounded or of one class.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sutazai.analysis.secret_checks import has_base62_crc32, is_jwt, is_no_aws_example
from sutazai.sdk.finding import Severity

# An end that no longer token could go on from.
_END: Final = r"(?![A-Za-z0-9_\-])"
_START: Final = r"(?<![A-Za-z0-9_\-])"


@dataclass(frozen=True, slots=True)
class Shape:
    """What one kind of credential looks like.

    Attributes:
        id: of the rule.
        title: what it is, with article left out.
        hints: a text without any of these holds no such credential.
        pattern: source of a regular expression; group 1, or all of it, is the credential.
        sample: body of an example, put together with `hints[0]` only at run time so that no scanner trips over us.
        check: tells true tokens from lookalikes.
        shows_prefix: whether the first four characters are public knowledge and may be shown.
    """

    id: str
    title: str
    hints: tuple[str, ...]
    pattern: str
    sample: str
    severity: Severity = Severity.HIGH
    confidence: float = 0.85
    cwe: tuple[int, ...] = (798,)
    check: Callable[[str], bool] | None = None
    shows_prefix: bool = True

    def compiled(self) -> re.Pattern[str]:
        """The pattern, ready for use (the `re` module keeps it)."""
        return re.compile(self.pattern)


def _token(body: str) -> str:
    return f"{_START}(?:{body}){_END}"


_URL_SECOND: Final = r"[^\s:/@\"'`<>{}$%*\[\]]{3,80}"
_URL_FIRST: Final = r"[A-Za-z0-9_.\-]{1,60}"
_HOST: Final = r"[A-Za-z0-9_.\-]{3,120}"
_DATABASES: Final = "postgres|postgresql|mysql|mariadb|mongodb|redis|rediss|amqp|amqps|mssql|oracle|clickhouse"
_LABEL: Final = r"(?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?"
_BODY: Final = r"(?:\\r|\\n|[A-Za-z0-9+/=:,. \r\n\-\"'])"
_CRITICAL: Final = Severity.CRITICAL
_GITHUB: Final = ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")

SHAPES: Final = (
    Shape(
        id="secret-aws-access-key",
        title="AWS access key",
        hints=("AKIA", "ASIA"),
        pattern=_token("(?:AKIA|ASIA)[A-Z2-7]{16}"),
        sample="Q3EGUZ7XTKLMN5P2",
        severity=_CRITICAL,
        check=is_no_aws_example,
    ),
    Shape(
        id="secret-github-token",
        title="GitHub token",
        hints=_GITHUB,
        pattern=_token("gh[pousr]_[A-Za-z0-9]{36}"),
        sample="zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17",
        severity=_CRITICAL,
        confidence=0.98,
        check=has_base62_crc32,
    ),
    Shape(
        id="secret-github-fine-grained-token",
        title="fine-grained GitHub token",
        hints=("github_pat_",),
        pattern=_token("github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
        sample="11ABCDEFG0aBcDeFgHiJkL_" + "k7Qm2ZrT9x" * 5 + "w4Vb8Nc1Y",
        severity=_CRITICAL,
        confidence=0.95,
    ),
    Shape(
        id="secret-gitlab-token",
        title="GitLab token",
        hints=("glpat-", "gldt-", "glrt-"),
        pattern=_token(r"gl(?:pat|dt|rt)-[A-Za-z0-9_\-]{20,60}"),
        sample="k7Qm2ZrT9xW4vB8nC1yD",
        severity=_CRITICAL,
        confidence=0.9,
    ),
    Shape(
        id="secret-slack-token",
        title="Slack token",
        hints=("xoxb-", "xoxp-", "xoxa-", "xoxr-", "xapp-"),
        pattern=_token(r"(?:xox[bpar]|xapp)-[0-9A-Za-z\-]{24,200}"),
        sample="123456789012-123456789012-k7Qm2ZrT9xW4vB8nC1yDf5Gh",
    ),
    Shape(
        id="secret-slack-webhook",
        title="Slack webhook",
        hints=("hooks.slack.com/services/",),
        pattern=r"hooks\.slack\.com/services/T[A-Z0-9]{6,12}/B[A-Z0-9]{6,12}/[A-Za-z0-9]{20,28}",
        sample="T0AB12CD3/B0EF45GH6/k7Qm2ZrT9xW4vB8nC1yDf5Gh",
        severity=Severity.MEDIUM,
        shows_prefix=False,
    ),
    Shape(
        id="secret-stripe-key",
        title="live Stripe key",
        hints=("sk_live_", "rk_live_"),
        pattern=_token("[sr]k_live_[A-Za-z0-9]{16,120}"),
        sample="k7Qm2ZrT9xW4vB8nC1yDf5Gh",
        severity=_CRITICAL,
        confidence=0.95,
    ),
    Shape(
        id="secret-google-api-key",
        title="Google API key",
        hints=("AIza",),
        pattern=_token(r"AIza[A-Za-z0-9_\-]{35}"),
        sample="SyA7k2Qm9ZrT4xWvB8nC1yDf5GhJ3Lp6Rs0",
    ),
    Shape(
        id="secret-npm-token",
        title="npm token",
        hints=("npm_",),
        pattern=_token("npm_[A-Za-z0-9]{36}"),
        sample="zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17",
        severity=_CRITICAL,
        confidence=0.98,
        check=has_base62_crc32,
    ),
    Shape(
        id="secret-pypi-token",
        title="PyPI token",
        hints=("pypi-AgEIcHlwaS5vcmc",),
        pattern=_token(r"pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_\-]{50,1000}"),
        sample="k7Qm2ZrT9xW4vB8nC1yDf5Gh" * 3,
        severity=_CRITICAL,
        confidence=0.98,
    ),
    Shape(
        id="secret-anthropic-key",
        title="Anthropic key",
        hints=("sk-ant-",),
        pattern=_token(r"sk-ant-[a-z0-9]{3,10}-[A-Za-z0-9_\-]{80,120}"),
        sample="api03-" + "k7Qm2ZrT9xW4vB8nC1yDf5Gh" * 4,
        severity=_CRITICAL,
        confidence=0.95,
    ),
    Shape(
        id="secret-openai-key",
        title="OpenAI key",
        hints=("sk-proj-", "sk-svcacct-", "T3BlbkFJ"),
        pattern=_token(r"sk-(?:(?:proj|svcacct|admin)-[A-Za-z0-9_\-]{40,200}|[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20})"),
        sample="k7Qm2ZrT9xW4vB8nC1yDf5Gh" * 2,
        severity=_CRITICAL,
        confidence=0.95,
    ),
    Shape(
        id="secret-huggingface-token",
        title="Hugging Face token",
        hints=("hf_",),
        pattern=_token("hf_[A-Za-z]{34}"),
        sample="kQmZrTxWvBnCyDfGhJLpRsAaEeIiOoUuHq",
    ),
    Shape(
        id="secret-azure-storage-key",
        title="Azure storage key",
        hints=("AccountKey=",),
        pattern=r"AccountKey=([A-Za-z0-9+/]{86}==)",
        sample="k7Qm2ZrT9xW4vB8nC1yDf5Gh" * 3 + "k7Qm2ZrT9xW4vB==",
        severity=_CRITICAL,
        confidence=0.95,
        shows_prefix=False,
    ),
    Shape(
        id="secret-sendgrid-key",
        title="SendGrid key",
        hints=("SG.",),
        pattern=_token(r"SG\.[A-Za-z0-9_\-]{22}\.[A-Za-z0-9_\-]{43}"),
        sample="k7Qm2ZrT9xW4vB8nC1yDf5.k7Qm2ZrT9xW4vB8nC1yDf5Ghk7Qm2ZrT9xW4vB8nC1y",
    ),
    Shape(
        id="secret-twilio-key",
        title="Twilio key",
        hints=("SK",),
        pattern=_token("SK[0-9a-f]{32}"),
        sample="0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        severity=Severity.HIGH,
        confidence=0.7,
    ),
    Shape(
        id="secret-digitalocean-token",
        title="DigitalOcean token",
        hints=("dop_v1_", "doo_v1_", "dor_v1_"),
        pattern=_token("do[opr]_v1_[0-9a-f]{64}"),
        sample="0f1e2d3c4b5a69788796a5b4c3d2e1f0" * 2,
        severity=_CRITICAL,
        confidence=0.95,
    ),
    Shape(
        id="secret-telegram-token",
        title="Telegram bot token",
        hints=(":AA",),
        pattern=_token(r"[0-9]{8,10}:AA[A-Za-z0-9_\-]{33}"),
        sample="k7Qm2ZrT9xW4vB8nC1yDf5GhJ3Lp6Rs0q",
        shows_prefix=False,
    ),
    Shape(
        id="secret-jwt",
        title="JSON web token",
        hints=("eyJ",),
        pattern=_token(r"eyJ[A-Za-z0-9_\-]{10,1000}\.eyJ[A-Za-z0-9_\-]{10,4000}\.[A-Za-z0-9_\-]{20,1000}"),
        sample="hbGciOiJIUzI1NiJ9.eyJzdWIiOiI3MTkzIiwiYWRtIjp0cnVlfQ.k7Qm2ZrT9xW4vB8nC1yDf5GhJ3Lp6Rs0q",
        severity=Severity.MEDIUM,
        confidence=0.55,
        check=is_jwt,
    ),
    Shape(
        id="secret-private-key",
        title="private key",
        hints=("PRIVATE KEY",),
        pattern=rf"-----BEGIN {_LABEL}-----(?:{_BODY}{{100,20000}}?-----END {_LABEL}-----|{_BODY}{{100,20000}})",
        sample="-----BEGIN RSA *-----\n" + "k7Qm2ZrT9xW4vB8nC1yDf5GhJ3Lp6Rs0\n" * 5 + "-----END RSA *-----",
        severity=_CRITICAL,
        confidence=0.9,
        cwe=(321, 798),
        shows_prefix=False,
    ),
    Shape(
        id="secret-database-url",
        title="password in a database address",
        hints=("://",),
        pattern=rf"(?:{_DATABASES})(?:\+[a-z0-9]{{2,12}})?://{_URL_FIRST}:({_URL_SECOND})@{_HOST}",
        sample="postgresql*app:v4Lx9Tq2@db.internal/app",
        severity=Severity.HIGH,
        confidence=0.7,
        cwe=(798, 259),
        shows_prefix=False,
    ),
    Shape(
        id="secret-url-password",
        title="password in a web address",
        hints=("://",),
        pattern=rf"https?://{_URL_FIRST}:({_URL_SECOND})@{_HOST}",
        sample="https*deploy:v4Lx9Tq2@git.internal/x",
        severity=Severity.HIGH,
        confidence=0.6,
        cwe=(798, 259),
        shows_prefix=False,
    ),
)


def sample_of(shape: Shape) -> str:
    """An example of this kind, made now so that the source of this module holds none."""
    if "*" in shape.sample:
        return shape.sample.replace("*", shape.hints[0])
    prefix = "48151623" if shape.hints[0].startswith(":") else ""
    return prefix + shape.hints[0] + shape.sample
