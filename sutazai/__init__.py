"""SutazAI: private AI agents on your own hardware. Importing this package imports nothing else."""

__version__ = "0.1.0"
