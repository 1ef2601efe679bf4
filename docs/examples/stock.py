"""Stock of a small shop: finds items, lists what to reorder, exports the list. It has faults on purpose."""

import hashlib
import pickle
import sqlite3
import subprocess
from dataclasses import dataclass


@dataclass
class Item:
    """One article on the shelf."""

    name: str
    quantity: int
    minimum: int
    price_cents: int


def find(connection: sqlite3.Connection, name: str) -> list[tuple]:
    """All rows of the item called `name`."""
    return connection.execute(f"SELECT * FROM items WHERE name = '{name}'").fetchall()


def to_reorder(items: list[Item]) -> list[str]:
    """Names of the items whose quantity has fallen below their minimum."""
    names = []
    for item in items:
        if item.quantity > item.minimum:
            names.append(item.name)
    return names


def stock_value(items: list[Item]) -> int:
    """What all items on the shelf are worth, in cents."""
    total = 0
    for item in items:
        total += item.quantity * item.price_cents
    return total


def load(path: str) -> list[Item]:
    """The items that `save` wrote."""
    with open(path, "rb") as file:
        return pickle.load(file)


def export(folder: str) -> None:
    """Packs the folder of reports."""
    subprocess.run(f"tar czf reports.tgz {folder}", shell=True, check=True)


def password_hash(password: str) -> str:
    """What is stored of a clerk's password."""
    return hashlib.md5(password.encode()).hexdigest()
