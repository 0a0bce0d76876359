import pytest

from matcalc.syntax.actions import Actions
from matcalc.syntax.grammar import MATRIX, Language, grammar_text, make_parser
from matcalc.syntax.index_parse import INDEX, IndexActions

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("language", [MATRIX, INDEX])
def test_the_grammar_has_no_conflicts(language: Language) -> None:
    make_parser(None, language, strict=True)


@pytest.mark.parametrize(("language", "actions"), [(MATRIX, Actions), (INDEX, IndexActions)])
def test_every_rule_and_alias_has_an_action(language: Language, actions: type[Actions]) -> None:
    parser = make_parser(None, language)
    names = {rule.alias or rule.origin.name for rule in parser.rules if not rule.options.expand1 or rule.alias}
    names = {n for n in names if not n.startswith("_") and n not in ("rows",)}
    missing = sorted(n for n in names if not hasattr(actions, n))
    assert missing == []


def test_the_grammar_is_ascii_free_of_tabs() -> None:
    assert "\t" not in grammar_text()
