"""Fixes from beginning to end: patches for findings, their checks, applying them and taking that back."""
