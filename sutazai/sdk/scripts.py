"""Which scripts are written without spaces between words: where words are looked for, they are taken by the letter."""

from typing import Final

UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3100-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Thai to Khmer, kana, bopomofo, Han and its extensions: what stands between the brackets of a pattern."""
