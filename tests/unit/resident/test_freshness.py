"""Changed code is noticed, whatever changed."""

import os
import sys

from sutazai.resident.freshness import Snapshot, _stamps, snapshot


def test_nothing_has_changed_since_just_now():
    now = snapshot()
    assert not now.changed()
    assert not now.changed_nearby()
    assert any(each.endswith("resident/freshness.py") for each in now.near)
    assert any(each.endswith("py.typed") for each in now.near)
    assert not any("__pycache__" in each for each in now.near)
    assert sys.executable in now.near
    assert any(each.endswith("dataclasses.py") for each in now.far)


def test_a_changed_replaced_or_removed_file_is_a_change(tmp_path):
    file = tmp_path / "a.py"
    for change in (
        lambda: file.write_text("long"),
        lambda: os.utime(file, (1, 1)),
        file.unlink,
        lambda: (tmp_path / "b").rename(file),
    ):
        file.write_text("x")
        (tmp_path / "b").write_text("x")
        near = Snapshot(_stamps([str(file)]), {})
        far = Snapshot({}, _stamps([str(file)]))
        assert not near.changed()
        change()
        assert near.changed_nearby()
        assert near.changed()
        assert far.changed()
        assert not far.changed_nearby()
