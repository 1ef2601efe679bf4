"""Code review: from a selection of files to a report. Rules over ports: no file, process or model is opened here."""
