"""The scorer against a table of truths made by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.review.families import FAMILIES, cwes_of_rule, family
from tests.bench.review.labelled import cases_of
from tests.bench.review.score import Alarm, Pairs, Score, Tally, score, settled

TABLE = """id,path,start,end,cwe,label,pair,side,note
a,app/a.py,,,89,1,,,whole file
b,app/b.py,,,89,0,,,whole file
c,app/c.py,10,20,78,1,p,before,lines
d,app/d.py,10,20,78,0,p,after,lines
e,app/e.py,5,,bug,1,q,before,any finding counts
f,app/f.py,5,,bug,0,q,after,any finding counts
"""


def alarm(path: str, line: int, *cwes: int, end: int = 0) -> Alarm:
    return Alarm(path, line, end or line, frozenset(cwes), "rule")


def scored(*alarms: Alarm) -> Score:
    return score(list(cases_of(TABLE)), alarms)


def test_silence_finds_nothing_and_flags_nothing():
    found = scored()
    assert found.tally == Tally(fn=3, tn=3)
    assert (found.tally.precision, found.tally.recall, found.tally.f1, found.tally.j) == (None, 0.0, 0.0, 0.0)
    assert found.pairs == Pairs(silent=2)


def test_every_figure_of_a_small_table_is_right():
    found = scored(
        alarm("app/a.py", 1, 89),
        alarm("app/b.py", 1, 89),
        alarm("app/c.py", 12, 77),
        alarm("app/e.py", 5),
        alarm("app/f.py", 5),
    )
    assert found.tally == Tally(tp=3, fp=2, tn=1)
    assert found.pairs == Pairs(caught=1, both=1)
    assert found.tally.figures() == {
        "tp": 3,
        "fp": 2,
        "fn": 0,
        "tn": 1,
        "precision": 0.6,
        "recall": 1.0,
        "f1": 0.75,
        "j": 0.3333,
    }
    assert found.kinds == {"89": Tally(tp=1, fp=1), "78": Tally(tp=1, tn=1), "bug": Tally(tp=1, fp=1)}


def test_a_finding_of_another_class_does_not_count():
    assert scored(alarm("app/a.py", 1, 79), alarm("app/a.py", 1)).tally.tp == 0


@pytest.mark.parametrize(
    ("line", "end", "found"), [(9, 9, 0), (9, 10, 1), (10, 10, 1), (20, 20, 1), (21, 30, 0), (1, 99, 1)]
)
def test_a_finding_counts_where_it_touches_the_lines_of_the_case(line: int, end: int, found: int):
    assert scored(alarm("app/c.py", line, 78, end=end)).tally.tp == found


def test_a_case_with_a_first_line_only_is_that_line():
    assert scored(alarm("app/e.py", 6)).tally.tp == 0


def test_a_pair_can_be_caught_the_wrong_way_round():
    assert scored(alarm("app/d.py", 10, 78)).pairs == Pairs(reversed=1, silent=1)


def test_a_side_without_its_other_is_no_pair():
    lone = "\n".join(TABLE.splitlines()[:4])
    assert score(list(cases_of(lone)), [alarm("app/c.py", 10, 78)]).pairs.all == 0


def test_folders_that_a_tool_puts_in_front_of_a_path_do_not_matter():
    assert settled("/somewhere/else/app/a.py", {"app/a.py"}) == "app/a.py"
    assert settled("app/other.py", {"app/a.py"}) is None
    assert scored(alarm("/somewhere/app/a.py", 1, 89)).tally.tp == 1


def test_no_sound_case_means_no_j():
    assert Tally(tp=1, fn=1).j is None


@given(st.integers(1, 1500), st.integers(1, 1500))
def test_being_of_one_family_goes_both_ways(one: int, other: int):
    assert (other in family(one)) == (one in family(other))
    assert one in family(one)


def test_families_do_not_chain():
    """Paths and commands do not become one because each shares a number with something else."""
    assert 94 in family(78)
    assert 96 not in family(88)
    assert len({name for name, _ in FAMILIES}) == len(FAMILIES)


def test_rules_of_bandit_and_ruff_have_the_same_cwes():
    assert cwes_of_rule("B608") == cwes_of_rule("S608") == {89}
    assert cwes_of_rule("PERF401") == cwes_of_rule("F821") == cwes_of_rule("S") == frozenset()
