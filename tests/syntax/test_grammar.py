from matcalc.syntax.actions import Actions
from matcalc.syntax.grammar import grammar_text, make_parser


def test_the_grammar_has_no_conflicts() -> None:
    make_parser(None, strict=True)


def test_every_rule_and_alias_has_an_action() -> None:
    parser = make_parser(None)
    names = {rule.alias or rule.origin.name for rule in parser.rules if not rule.options.expand1 or rule.alias}
    names = {n for n in names if not n.startswith("_") and n not in ("rows",)}
    missing = sorted(n for n in names if not hasattr(Actions, n))
    assert missing == []


def test_the_grammar_is_ascii_free_of_tabs() -> None:
    assert "\t" not in grammar_text()
