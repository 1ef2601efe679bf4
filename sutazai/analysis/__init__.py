"""Static engines, one a module, each behind the port `Analyzer`: ruff, secrets and our own patterns.

Owns what can be said of code without a model. Must never run the code it looks at, nor import settings or a feature.
"""
