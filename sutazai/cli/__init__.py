"""The command line face: translates flags into requests and events into output; decides nothing."""
