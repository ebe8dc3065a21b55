"""Numbers -> Documents -> text, Markdown, CSV, JSON. Measures nothing, prints nothing, imports no framework.

A builder makes a Document (`assemble.build` and `results_document` for results); `writers.write` writes the Document.
Nothing is imported here: every command loads this package, and `embbench --help` must not load all of it.
"""
