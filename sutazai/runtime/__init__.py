"""The runtime: opens resources lazily, finds the capability, runs it, records it. The only room that picks adapters."""
