# Every command a person types; the build server types the same. Each does all its own set-up.
export SQLX_OFFLINE := true
# bench and chaos: which cases, such as only=webhook.
only ?=
# bench: rounds=1; peers=no or their names; with="concurrency=500" and other options of tests/bench.
rounds ?=
peers ?=
with ?=

.DEFAULT_GOAL := help
.PHONY: help demo up seed down status test check fmt bench chaos sqlx

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

demo: ## play a paid ride from request to payout, then stop everything
	@dev/demo

up: ## start everything and print the URLs
	@dev/stack up

seed: ## give what `make up` started something to look at: car parks, cameras, rooms
	@dev/seed

down: ## stop what `make up` started
	@dev/stack down

status: ## what runs
	@dev/stack status

test: ## every test, on a Postgres of its own
	@dev/with-postgres dev/test

check: ## formatting, lints, query data, building code, licences
	cargo fmt --all --check
	dev/with-postgres dev/sqlx check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	dev/with-postgres cargo test --locked --quiet -p tests --test tidy
	dev/deny

fmt: ## put the code in its usual form
	cargo fmt --all

bench: ## figures beside their peers; only=webhook for one
	@dev/with-postgres dev/bench $(only) rounds=$(rounds) peers="$(peers)" $(with)

chaos: ## break things under load; only=kill_worker for one, only="poison kill_api" for some
	@dev/with-postgres dev/chaos $(only)

sqlx: ## describe the queries again, after changing one or a migration
	@dev/with-postgres dev/sqlx prepare
