"""The mail sink: SMTP in, a maildir out, reads over HTTP."""
