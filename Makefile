# Rebate management for Odoo 19. `make help` lists the targets; README.md tells the rest.
# Everything that is made here lies below .odoo/, and `make clean` removes it.

.PHONY: help setup demo screenshots test test-odoo load faults search attack mutation lint bench stop clean

# What is given as NAME=value reaches the tools in their environment; make sees to that.

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /make \1\t/' | expand -t 15

setup: ## set up what is missing: Odoo 19, Python packages, PostgreSQL
	@tools/setup

demo: ## settle a demo database and serve it (SERVE=0: only the table; DB=, PORT=)
	@tools/demo

screenshots: ## take the pictures of docs/ and of the apps' pages from the demo (NAMES='program banner', PORT=)
	@tools/screenshots

test: ## run all tests (ARGS='-k tiers': a part of them; DB=)
	@tools/test

test-odoo: ## run Odoo's own tests of invoices, locks, reconciliation … without and with the addons (TAGS=)
	@tools/test-odoo

load: ## let eight people post at once while the figures follow (INVOICES=: each, TIMES=)
	@for time in $$(seq $${TIMES:-1}); do \
	  INVOICES=$${INVOICES:-100} ARGS='tests/together/test_together.py' tools/test || exit 1; \
	done

faults: ## kill a settlement run of 500 partners again and again (KILLS=, PARTNERS=; minutes)
	@KILLS=$${KILLS:-50} PARTNERS=$${PARTNERS:-500} ARGS='tests/together/test_faults.py -s' tools/test

search: ## do things at random until a figure is wrong (EXAMPLES=, STEPS=; minutes)
	@EXAMPLES=$${EXAMPLES:-100} STEPS=$${STEPS:-30} ARGS='tests/search/test_stateful.py tests/search/test_stateful_money.py tests/search/test_metamorphic.py -s' tools/test

attack: ## let users of every role try what is not theirs to do (EXAMPLES=, STEPS=; minutes)
	@EXAMPLES=$${EXAMPLES:-100} STEPS=$${STEPS:-30} ARGS='tests/search/test_attack.py -s' tools/test

mutation: ## change the engine in small ways and see whether its tests notice (minutes)
	@tools/mutation

lint: ## check style, Odoo's conventions and the files' form
	@tools/lint

bench: ## measure speed on much data (LINES=, AGREEMENTS=, PROGRAMS=, YEARS=; ONLY='refresh live')
	@tools/setup
	@tools/bench

stop: ## stop PostgreSQL; the next command starts it again
	@tools/postgres stop

clean: ## stop PostgreSQL and remove everything that was made
	@tools/clean
