"""What is kept on this machine: the cache (disposable) and the local store (not). Plain files, no server."""
