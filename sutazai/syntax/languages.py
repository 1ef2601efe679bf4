"""The languages we know by name: how a file is recognised, how it comments, where its grammar comes from.

Owns the names that `SourceFile.language` may have. Must never import tree-sitter: recognising a file has to be cheap.
"""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final


@dataclass(frozen=True, slots=True)
class Language:
    """One language.

    Attributes:
        name: our name, in lower case.
        suffixes: file name endings with their dot, in lower case.
        file_names: whole file names, in lower case.
        shebangs: interpreters, without version numbers.
        comment: the prefix of a line comment; empty where there is none.
        grammar: module and function that give the tree-sitter grammar; None where there is none.
    """

    name: str
    suffixes: tuple[str, ...] = ()
    file_names: tuple[str, ...] = ()
    shebangs: tuple[str, ...] = ()
    comment: str = ""
    grammar: tuple[str, str] | None = None


LANGUAGES: Final = {
    each.name: each
    for each in (
        Language("python", (".py", ".pyi", ".pyw"), (), ("python", "pypy"), "#", ("tree_sitter_python", "language")),
        Language(
            "javascript",
            (".js", ".mjs", ".cjs", ".jsx"),
            (),
            ("node", "nodejs", "bun"),
            "//",
            ("tree_sitter_javascript", "language"),
        ),
        Language(
            "typescript",
            (".ts", ".mts", ".cts"),
            (),
            ("ts-node", "deno", "tsx"),
            "//",
            ("tree_sitter_typescript", "language_typescript"),
        ),
        Language("tsx", (".tsx",), (), (), "//", ("tree_sitter_typescript", "language_tsx")),
        Language("go", (".go",), (), (), "//", ("tree_sitter_go", "language")),
        Language("java", (".java",), (), (), "//", ("tree_sitter_java", "language")),
        Language("rust", (".rs",), (), ("rust-script",), "//", ("tree_sitter_rust", "language")),
        Language("c", (".c", ".h"), (), (), "//", ("tree_sitter_c", "language")),
        Language(
            "cpp",
            (".cc", ".cpp", ".cxx", ".c++", ".hh", ".hpp", ".hxx", ".h++", ".ipp", ".cu"),
            (),
            (),
            "//",
            ("tree_sitter_cpp", "language"),
        ),
        Language("csharp", (".cs", ".csx"), (), (), "//", ("tree_sitter_c_sharp", "language")),
        Language("php", (".php", ".phtml", ".php5"), (), ("php",), "//", ("tree_sitter_php", "language_php")),
        Language(
            "ruby",
            (".rb", ".rake", ".gemspec", ".ru"),
            ("rakefile", "gemfile", "vagrantfile", "guardfile", "podfile"),
            ("ruby", "jruby"),
            "#",
            ("tree_sitter_ruby", "language"),
        ),
        Language(
            "bash",
            (".sh", ".bash", ".ksh", ".zsh", ".bats"),
            (".bashrc", ".bash_profile", ".profile", ".zshrc", "pkgbuild"),
            ("bash", "sh", "dash", "ksh", "zsh", "ash", "bats"),
            "#",
            ("tree_sitter_bash", "language"),
        ),
        Language("kotlin", (".kt", ".kts"), (), ("kotlin",), "//"),
        Language("swift", (".swift",), (), ("swift",), "//"),
        Language("scala", (".scala", ".sc"), (), ("scala",), "//"),
        Language("groovy", (".groovy", ".gradle"), ("jenkinsfile",), ("groovy",), "//"),
        Language("dart", (".dart",), (), ("dart",), "//"),
        Language("lua", (".lua",), (), ("lua", "luajit"), "--"),
        Language("perl", (".pl", ".pm"), (), ("perl",), "#"),
        Language("r", (".r",), (), ("rscript",), "#"),
        Language("julia", (".jl",), (), ("julia",), "#"),
        Language("elixir", (".ex", ".exs"), (), ("elixir",), "#"),
        Language("haskell", (".hs",), (), ("runhaskell",), "--"),
        Language("objective-c", (".m", ".mm"), (), (), "//"),
        Language("solidity", (".sol",), (), (), "//"),
        Language("powershell", (".ps1", ".psm1", ".psd1"), (), ("pwsh", "powershell"), "#"),
        Language("batch", (".bat", ".cmd"), (), (), "REM "),
        Language("vue", (".vue",), (), (), ""),
        Language("svelte", (".svelte",), (), (), ""),
        Language("html", (".html", ".htm", ".xhtml", ".jinja", ".jinja2", ".j2", ".erb", ".ejs"), (), (), ""),
        Language("css", (".css", ".scss", ".less"), (), (), ""),
        Language("sql", (".sql", ".ddl", ".psql"), (), (), "--"),
        Language("graphql", (".graphql", ".gql"), (), (), "#"),
        Language("proto", (".proto",), (), (), "//"),
        Language("terraform", (".tf", ".tfvars", ".hcl"), (), (), "#"),
        Language("dockerfile", (".dockerfile",), ("dockerfile", "containerfile"), (), "#"),
        Language("make", (".mk", ".mak"), ("makefile", "gnumakefile"), ("make",), "#"),
        Language("cmake", (".cmake",), ("cmakelists.txt",), (), "#"),
        Language("nix", (".nix",), (), (), "#"),
        Language("yaml", (".yaml", ".yml"), (".clang-format", ".clang-tidy"), (), "#"),
        Language("toml", (".toml",), ("pipfile",), (), "#"),
        Language("json", (".json", ".jsonc", ".json5", ".ipynb"), (".babelrc", ".eslintrc"), (), ""),
        Language("xml", (".xml", ".xsd", ".xsl", ".xslt", ".plist", ".csproj", ".config"), (), (), ""),
        Language(
            "ini",
            (".ini", ".cfg", ".conf", ".properties", ".env", ".service"),
            (".env", ".npmrc", ".pypirc", ".netrc"),
            (),
            "#",
        ),
        Language("pem", (".pem", ".key"), ("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"), (), ""),
        Language("markdown", (".md", ".markdown"), (), (), ""),
        Language("restructuredtext", (".rst",), (), (), ".. "),
    )
}

_BY_SUFFIX: Final = {suffix: each.name for each in LANGUAGES.values() for suffix in each.suffixes}
_BY_FILE_NAME: Final = {name: each.name for each in LANGUAGES.values() for name in each.file_names}
_BY_SHEBANG: Final = {name: each.name for each in LANGUAGES.values() for name in each.shebangs}
_SHEBANG: Final = re.compile(r"#!\s*(?:\S*/)?(?:env\s+(?:-\S+\s+|\w+=\S*\s+)*)?(?:\S*/)?([\w+-]+)")
_FIRST_LINES: Final = (("<?php", "php"), ("<?xml", "xml"), ("<!doctype html", "html"), ("-----begin ", "pem"))


def language_of(path: str, first_line: str = "") -> str:
    """Our name of a file's language by its name, else by its first line; empty if unknown."""
    name = PurePosixPath(path.replace("\\", "/")).name.lower()
    return _BY_FILE_NAME.get(name) or _by_suffix(name) or _by_first_line(first_line)


def _by_suffix(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    if dot and stem and (known := _BY_SUFFIX.get(dot + suffix)):
        return known
    # Dockerfile.dev and .env.production: what a file is stands before the first dot that follows a name.
    head = name.partition(".")[0] or "." + name[1:].partition(".")[0]
    return _BY_FILE_NAME.get(head, "") if head in {"dockerfile", "containerfile", "makefile", ".env"} else ""


def _by_first_line(line: str) -> str:
    if shebang := _SHEBANG.match(line[:500]):
        interpreter = shebang[1].lower()
        return _BY_SHEBANG.get(interpreter) or _BY_SHEBANG.get(interpreter.rstrip("0123456789."), "")
    start = line[:100].lstrip().lower()
    return next((name for prefix, name in _FIRST_LINES if start.startswith(prefix)), "")
