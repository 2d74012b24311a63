# Everything the course needs is set up on the first call and left alone on the next: see `make help`.
# Runs with GNU make 3.81 or newer, so with the one that macOS brings.

VENV   ?= .venv
PYTHON ?= python3 python3.13 python3.12 python3.11 python3.14 python
ARGS   ?=

# The environment is as new as the two files that describe it and the folder it points back to.
SETUP_HASH := $(shell { cat pyproject.toml constraints.txt; pwd; } | cksum | tr -d ' ')
STAMP      := $(VENV)/setup-$(SETUP_HASH)
PY         := $(VENV)/bin/python

# JupyterLab does not greet a newcomer with a question about news, and does not look for its own updates.
LAB        := $(VENV)/share/jupyter/lab/settings
LAB_QUIET  := {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}

# `course` and the environment's own python are found from a terminal inside JupyterLab, too.
export PATH := $(abspath $(VENV))/bin:$(PATH)
# Another environment may be active in the terminal that calls make.
export VIRTUAL_ENV := $(abspath $(VENV))

.DEFAULT_GOAL := help
.PHONY: help lab setup test test-fast browser chromium site lite colab build verify lint clean distclean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  ARGS=...   more arguments for the command, e.g. make test ARGS='-k lstm'"
	@echo "  PYTHON=... the Python that makes the environment; VENV=... where it is (now: $(VENV))"

lab: $(STAMP) ## Open the course in JupyterLab: your own copies of the lessons, in my_work/
	@$(PY) -m course_utils.cli lab $(ARGS)

setup: $(STAMP) ## Only make the environment (every other target does it when needed)

# pytest's own exit status is kept in a file, because make has only one number for every failure.
# One thread per process: two processes that each want both cores slow one another down many times over.
run_pytest = OMP_NUM_THREADS=1 $(PY) -m pytest -n 2 --dist loadfile $(1) $(ARGS); \
	status=$$?; echo $$status > "$(VENV)/pytest-status"; exit $$status

test: $(STAMP) chromium ## Run every test; those in the browser with a few of the lessons
	@$(call run_pytest)

test-fast: $(STAMP) ## Run the tests that take seconds, not minutes
	@$(call run_pytest,-m "not slow")

browser: $(STAMP) chromium ## Run the browser tests with every lesson, in JupyterLab and on the web page
	@RNN_COURSE_BROWSER=all RNN_COURSE_SITE=all $(call run_pytest,tests/test_browser.py tests/test_site.py)

chromium: ## Find, or on Debian as root install, the Chromium that the browser tests drive
	@sh tests/install_browser.sh

site: $(STAMP) ## Build the web page of the course in build/site (runs the lessons that have changed)
	@OMP_NUM_THREADS=1 $(VENV)/bin/course site $(ARGS)

lite: $(STAMP) ## Build lessons that run in the browser, with nothing installed, in build/lite
	@OMP_NUM_THREADS=1 $(VENV)/bin/course lite $(ARGS)

colab: $(STAMP) ## Run lessons under the versions that Colab has, in an environment of their own
	@$(PY) tests/colab_lane.py $(ARGS)

build: $(STAMP) ## Build both notebooks of each lesson from its script in solutions/
	$(VENV)/bin/course build $(ARGS)

verify: $(STAMP) ## Check that every built notebook is up to date
	$(VENV)/bin/course verify $(ARGS)

lint: $(STAMP) ## Check style with ruff
	$(PY) -m ruff check $(ARGS) .

clean: ## Remove caches; your work and the environment stay
	rm -rf .pytest_cache .ruff_cache .hypothesis build dist *.egg-info
	find course_utils tests solutions -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## Remove caches and the environment; your work stays
	test ! -e "$(VENV)/pyvenv.cfg" || rm -rf "$(VENV)"

$(STAMP): $(PY)
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip
	$(PY) -m pip install --disable-pip-version-check -c constraints.txt -e ".[torch,lab,staff,test,site,lite,cluster]"
	@mkdir -p "$(LAB)" && echo '$(LAB_QUIET)' > "$(LAB)/overrides.json"
	@rm -f "$(VENV)"/setup-*
	@touch "$@"

# Reached only where the environment has no working python: none was made yet, or the one it was made with is gone.
suitable = import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 15))

$(PY):
	@if [ -e "$(VENV)/bin" ] && [ ! -e "$(VENV)/pyvenv.cfg" ]; then \
		echo "VENV=$(VENV) holds something else than a virtual environment; give another folder, as in: make VENV=.venv"; \
		exit 1; \
	fi
	@for candidate in $(PYTHON); do \
		if "$$candidate" -c '$(suitable)' 2>/dev/null; then \
			rm -f "$(VENV)"/bin/python*; \
			echo "Making $(VENV) with $$candidate ($$("$$candidate" --version)). This first time takes a few minutes."; \
			exec "$$candidate" -m venv "$(VENV)"; \
		fi; \
		command -v "$$candidate" >/dev/null && found="$$found $$candidate: $$("$$candidate" --version 2>&1 | head -n 1);"; \
	done; \
	echo "The course needs Python 3.11, 3.12, 3.13 or 3.14 with its venv module. Tried: $(PYTHON)."; \
	echo "Found:$${found:- none of these.}"; \
	echo "What to do: install Python 3.12 (on Debian and Ubuntu also the package python3-venv), or, if it is"; \
	echo "installed elsewhere, say where: make $(MAKECMDGOALS) PYTHON=path-of-that-python"; \
	exit 1
