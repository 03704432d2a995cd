"""Self-contained HTML pages: no scripts, nothing loaded from elsewhere, every value escaped."""
