# `make help` lists the targets. Everything is installed into .venv; nothing outside this folder is touched.
SCENARIO ?= data/scenarios/deck.yml
PYTHON   ?= python3
BIN      := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help book chinese pdf zip site test lint quick lab check looks benchmark weights lock clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

book: .venv/installed  ## run the notebooks and build the book; SCENARIO=data/scenarios/NAME.yml for other assumptions
	@$(BIN)/python -m analysis run "$(SCENARIO)"
	@$(BIN)/jupyter-book build . -W --keep-going -n --quiet
	@echo "The book is at _build/html/index.html"

chinese: .venv/installed-tests  ## the Chinese edition, as far as it is translated, beside the built book: _build/html/zh
	@$(BIN)/python -m publishing.chinese

pdf: .venv/installed-tests  ## print the chapters of the built book to a PDF beside it; needs Chromium
	@$(BIN)/python -m publishing.pdf

zip: .venv/installed  ## pack the built book for reading offline
	@$(BIN)/python -m publishing.archive

site: .venv/installed-tests  ## the book with its PDF and its zip, for a web server; SCENARIO as for book
	@$(MAKE) --no-print-directory book
	@$(MAKE) --no-print-directory pdf
	@$(MAKE) --no-print-directory zip

test: .venv/installed-tests  ## run every test, and lint
	$(BIN)/python -m lint
	$(BIN)/python -m tests.built & book=$$!; \
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(PARALLEL); tests=$$?; wait $$book && exit $$tests
# Two processes, each of one thread, as two would fight over the cores. They begin with what needs no book (tests/conftest.py),
# while it is built; pages take one core, and tests the other.
PARALLEL = --numprocesses=2 --dist=worksteal

lint: .venv/installed-tests  ## look at style, types, chapters, notebooks, facts, glossary and references
	@$(BIN)/python -m lint

quick: .venv/installed-tests  ## lint, and the unit tests of what changed since the last commit; SINCE=main for more
	@$(BIN)/python -m lint
	@$(BIN)/python -m tests.quick $(SINCE) -- $(PARALLEL)

lab: .venv/installed  ## open JupyterLab
	$(BIN)/jupyter lab

check: .venv/installed  ## say which executed notebooks are stale
	@$(BIN)/python -m analysis check

looks: .venv/installed-tests  ## screenshot every page of the built book, light and dark, at 1280 and 390 px
	$(BIN)/python -m tests.looks

benchmark: .venv/installed-tests  ## time builds against Jupyter Book's own cache, and weigh the pages against its theme's
	$(BIN)/python -m benchmarks.builds
	$(BIN)/python -m benchmarks.pages --stock

weights: .venv/installed  ## train the small networks of the chapters anew; some minutes each
	$(BIN)/pip install --quiet -r training/requirements.txt
	@for script in $(NETWORKS); do $(BIN)/python -m training.$$script || exit; done
NETWORKS = translator recall poem_models substitution

lock: .venv/installed  ## resolve requirements.txt and tests/requirements.txt anew
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile requirements.txt $(LOCK) -o requirements.lock
	$(BIN)/uv pip compile tests/requirements.txt -c requirements.lock $(LOCK) -o tests/requirements.lock
LOCK = --universal --python-version 3.11 --fork-strategy fewest --no-annotate --generate-hashes --quiet --upgrade --custom-compile-command "make lock"

clean:  ## remove everything that the targets made, .venv included
	rm -rf .venv _build notebooks/executed book/assets/vendor

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is %d.%d. Name another with make PYTHON=..." % sys.version_info[:2])'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes --no-deps -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/installed-tests: .venv/installed tests/requirements.lock
	$(BIN)/pip install --quiet --require-hashes --no-deps -r tests/requirements.lock
	@touch $@
