"""Documents as text with positions. Every file is untrusted: each is parsed in a child that can be killed."""
