"""Every format that has a place for it names the settings that came with the code under review."""

import pytest

from sutazai.review.formats import FORMATS
from sutazai.review.report import ReviewReport

SAYING = sorted(set(FORMATS) - {"gitlab"})


@pytest.mark.parametrize("name", SAYING)
def test_settings_of_the_project_are_named(name):
    named = FORMATS[name](ReviewReport(project_settings=("review.fail_on", "review.rules")), show_suppressed=False)
    assert "review.fail_on" in named
    assert "review.rules" in named
    assert "review.fail_on" not in FORMATS[name](ReviewReport(), show_suppressed=False)
