"""File names for any tenant and collection."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutazai.errors.knowledge import CollectionNameBad
from sutazai.store.lance.places import Places, checked, folder_bytes, stem


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_stem_is_safe_on_every_file_system_and_never_shared(one, other):
    assert re.fullmatch(r"[a-z0-9-]{1,40}-[0-9a-f]{10}", stem(one))
    assert (stem(one) == stem(other)) == (one == other)


@pytest.mark.parametrize("tenant", ["../..", "/etc", "con", "a\x00b", "", "\ud800", "x" * 500])
def test_no_tenant_leaves_the_folder(tmp_path, tenant):
    places = Places(tmp_path / stem(tenant))
    places.prepare()
    assert places.manifest("docs").resolve().is_relative_to(tmp_path.resolve())


def test_a_name_is_checked():
    assert checked("Docs-1_a.b") == "Docs-1_a.b"
    with pytest.raises(CollectionNameBad):
        checked("é")


def test_the_size_of_a_folder_counts_what_is_still_there(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "b").symlink_to(tmp_path / "gone")
    assert folder_bytes(tmp_path) == 5
    assert folder_bytes(tmp_path / "nothing") == 0
