"""What functions, classes, imports and branches are called in each grammar: data, nothing else.

A new language is a new row here; no code in this room may ask which language it looks at.
"""

from dataclasses import dataclass, replace
from typing import Final

_NONE: Final[frozenset[str]] = frozenset()


def _set(*names: str) -> frozenset[str]:
    return frozenset(" ".join(names).split())


@dataclass(frozen=True, slots=True)
class Shape:
    """Node types of one grammar.

    Attributes:
        functions: functions and methods that have a name.
        anonymous: function values; they matter where they are bound to a name, or long.
        classes: what a method belongs to.
        namespaces: other things that lend their name to what is inside.
        wrappers: nodes that begin before their function and belong to it (decorations, a callback's statement).
        leading: siblings before a function that belong to it.
        comments: comments.
        imports: what brings names from elsewhere.
        inert: declarations that do nothing when run.
        branches: each adds a path through the code.
        operators: node types of binary operations; those with `&&`, `||`, `and`, `or`, `??` add a path too.
        needs_body: whether a function without a body is only a declaration.
        lead_in: a regular expression for the part of an import that binds no name.
    """

    functions: frozenset[str]
    anonymous: frozenset[str] = _NONE
    classes: frozenset[str] = _NONE
    namespaces: frozenset[str] = _NONE
    wrappers: frozenset[str] = _NONE
    leading: frozenset[str] = _NONE
    comments: frozenset[str] = frozenset({"comment"})
    imports: frozenset[str] = _NONE
    inert: frozenset[str] = _NONE
    branches: frozenset[str] = _NONE
    operators: frozenset[str] = frozenset({"binary_expression"})
    needs_body: bool = True
    lead_in: str = r"^\W*\w+\s"


# Nodes whose children are statements or members, in every grammar.
BODIES: Final = _set(
    "module program source_file translation_unit compilation_unit block class_body enum_body enum_body_declarations",
    "interface_body declaration_list field_declaration_list statement_block body_statement preproc_if preproc_ifdef",
    "preproc_else preproc_elif linkage_specification template_declaration export_statement ERROR",
)

_C: Final = Shape(
    functions=_set("function_definition"),
    wrappers=_set("template_declaration linkage_specification"),
    inert=_set(
        "declaration field_declaration type_definition struct_specifier union_specifier enum_specifier preproc_def",
        "preproc_function_def preproc_call identifier access_specifier using_declaration alias_declaration",
        "template_parameter_list string_literal friend_declaration static_assert_declaration",
    ),
    branches=_set(
        "if_statement for_statement for_range_loop while_statement do_statement case_statement catch_clause",
        "conditional_expression",
    ),
)
_JAVASCRIPT: Final = Shape(
    functions=_set("function_declaration generator_function_declaration method_definition"),
    anonymous=_set("arrow_function function_expression generator_function"),
    classes=_set("class_declaration abstract_class_declaration class"),
    namespaces=_set("internal_module module"),
    wrappers=_set(
        "export_statement variable_declarator lexical_declaration variable_declaration pair field_definition",
        "public_field_definition assignment_expression expression_statement arguments call_expression",
        "member_expression await_expression parenthesized_expression",
    ),
    leading=_set("decorator"),
    imports=_set("import_statement"),
    inert=_set(
        "interface_declaration type_alias_declaration method_signature abstract_method_signature function_signature",
        "hash_bang_line empty_statement ambient_declaration export_clause",
    ),
    branches=_set(
        "if_statement for_statement for_in_statement while_statement do_statement switch_case catch_clause",
        "ternary_expression",
    ),
    lead_in=r"""^\W*import\b|\bfrom\b|(['"]).*?\1""",
)

SHAPES: Final = {
    "python": Shape(
        functions=_set("function_definition"),
        classes=_set("class_definition"),
        wrappers=_set("decorated_definition"),
        imports=_set("import_statement import_from_statement future_import_statement"),
        inert=_set("pass_statement"),
        branches=_set(
            "if_statement elif_clause for_statement while_statement except_clause case_clause conditional_expression",
            "for_in_clause if_clause boolean_operator",
        ),
    ),
    "javascript": _JAVASCRIPT,
    "typescript": _JAVASCRIPT,
    "tsx": _JAVASCRIPT,
    "go": Shape(
        functions=_set("function_declaration method_declaration"),
        anonymous=_set("func_literal"),
        wrappers=_set("var_declaration var_spec expression_list expression_statement call_expression argument_list"),
        imports=_set("import_spec"),
        inert=_set("package_clause type_declaration import_declaration"),
        branches=_set("if_statement for_statement expression_case type_case communication_case"),
        lead_in=r"^$",
    ),
    "java": Shape(
        functions=_set("method_declaration constructor_declaration compact_constructor_declaration"),
        anonymous=_set("lambda_expression"),
        classes=_set(
            "class_declaration record_declaration enum_declaration interface_declaration annotation_type_declaration"
        ),
        wrappers=_set("field_declaration variable_declarator"),
        comments=_set("line_comment block_comment"),
        imports=_set("import_declaration"),
        inert=_set("package_declaration method_declaration enum_constant module_declaration"),
        branches=_set(
            "if_statement for_statement enhanced_for_statement while_statement do_statement switch_label catch_clause",
            "ternary_expression",
        ),
    ),
    "rust": Shape(
        functions=_set("function_item"),
        classes=_set("impl_item trait_item"),
        namespaces=_set("mod_item"),
        leading=_set("attribute_item"),
        comments=_set("line_comment block_comment"),
        imports=_set("use_declaration"),
        inert=_set(
            "struct_item enum_item type_item union_item function_signature_item inner_attribute_item associated_type",
            "extern_crate_declaration mod_item macro_definition",
        ),
        branches=_set("if_expression for_expression while_expression loop_expression match_arm try_expression"),
    ),
    "c": _C,
    "cpp": replace(
        _C,
        anonymous=_set("lambda_expression"),
        classes=_set("class_specifier struct_specifier union_specifier"),
        namespaces=_set("namespace_definition"),
    ),
    "csharp": Shape(
        functions=_set(
            "method_declaration constructor_declaration destructor_declaration operator_declaration",
            "conversion_operator_declaration accessor_declaration local_function_statement",
        ),
        anonymous=_set("lambda_expression anonymous_method_expression"),
        classes=_set("class_declaration struct_declaration record_declaration interface_declaration"),
        namespaces=_set("property_declaration indexer_declaration"),
        wrappers=_set("global_statement expression_statement invocation_expression argument_list argument"),
        imports=_set("using_directive"),
        inert=_set(
            "namespace_declaration file_scoped_namespace_declaration enum_declaration delegate_declaration",
            "property_declaration event_field_declaration",
        ),
        branches=_set(
            "if_statement for_statement foreach_statement while_statement do_statement switch_section catch_clause",
            "switch_expression_arm conditional_expression",
        ),
    ),
    "php": Shape(
        functions=_set("function_definition method_declaration"),
        anonymous=_set("anonymous_function arrow_function"),
        classes=_set("class_declaration trait_declaration interface_declaration enum_declaration"),
        wrappers=_set(
            "expression_statement assignment_expression arguments argument member_call_expression",
            "function_call_expression scoped_call_expression",
        ),
        imports=_set("namespace_use_declaration"),
        inert=_set("php_tag namespace_definition use_declaration text text_interpolation declare_statement"),
        branches=_set(
            "if_statement else_if_clause for_statement foreach_statement while_statement do_statement case_statement",
            "catch_clause conditional_expression match_conditional_expression",
        ),
    ),
    "ruby": Shape(
        functions=_set("method singleton_method"),
        anonymous=_set("do_block block"),
        classes=_set("class"),
        namespaces=_set("module"),
        wrappers=_set("call"),
        branches=_set(
            "if elsif unless while until for when in_clause rescue if_modifier unless_modifier while_modifier",
            "until_modifier rescue_modifier conditional",
        ),
        operators=_set("binary"),
        needs_body=False,
    ),
    "bash": Shape(
        functions=_set("function_definition"),
        branches=_set(
            "if_statement elif_clause for_statement c_style_for_statement while_statement case_item list",
        ),
    ),
}
