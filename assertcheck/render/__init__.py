"""One small file a format; each turns a value into text, and nothing here prints."""
