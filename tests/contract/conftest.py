"""What needs torch is collected only where there is one: `.ci/run` has an environment of its own for it."""

import os

collect_ignore = [] if os.environ.get("SUTAZAI_TEST_TORCH") else ["test_sentence_transformers.py"]
