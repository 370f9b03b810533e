PYTHON ?= python3

.PHONY: demo test ci generate bench

demo: .venv/demo
	.venv/bin/policylint --fail-on never fixtures/acme/

test: .venv/test .venv/browser
	.venv/bin/python -m pytest

generate: .venv/test
	.venv/bin/python docs/generate.py

# As users have it: an editable install makes every start of Python slower. Without build/, no deleted file comes along.
bench:
	rm -rf build
	$(PYTHON) -m venv .venv/bench
	.venv/bench/bin/python -m pip install --quiet '.[bench]'
	.venv/bench/bin/python bench/run.py

ci:
	.ci/run

.venv/demo: pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --editable .
	touch $@

.venv/test: pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --editable '.[test]'
	touch $@

# A browser for the tests of the HTML page; they are skipped where none can be had.
.venv/browser: .venv/test
	-.venv/bin/python tests/browser.py
	touch $@
