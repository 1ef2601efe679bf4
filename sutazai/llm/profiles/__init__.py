"""What models were measured to be good for: shipped with the package, or measured on this machine."""

from sutazai.llm.profiles.files import FileProfiles

__all__ = ["FileProfiles"]
