# The words of daily work. What a check does stands in .ci/run, which also runs them all.

.DEFAULT_GOAL := help
.PHONY: help run generate verify lint test race fuzz e2e bench clients playground build check

help: ## this list
	@grep -hE '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{ printf "  %-12s%s\n", $$1, $$2 }'

run: ## the server, with its own databases: http://127.0.0.1:8080
	go run .

generate: ## all that follows from schema/
	go generate ./...

verify: ## that generated code is up to date
	.ci/run generated

lint: ## gofmt, go vet and golangci-lint
	.ci/run format vet lint docs

test: ## all tests
	go test ./...

race: ## the tests where there are goroutines, with the race detector
	.ci/run race

fuzz: ## every fuzz target for a minute each; make fuzz IN=gateway TIME=10s for some and less
	@grep -rHoE --include='*_test.go' '^func Fuzz[A-Za-z]+' $(or $(IN),.) | while IFS=: read -r file target; do \
		echo "$${target#func } in $${file%/*}"; \
		go test -run '^$$' -fuzz "^$${target#func }$$" -fuzztime $(or $(TIME),1m) "./$${file%/*}" || exit 1; \
	done

e2e: ## the queries of test/e2e; make e2e ARGS=-update writes their goldens
	go test ./test/e2e/... $(ARGS)

bench: ## the benchmarks: see docs/BENCHMARKS.md
	cd test/bench && go run . $(ARGS)

clients: ## real clients and a real browser, against a server that it starts
	.ci/run clients

playground: ## the Playground from its sources, into gateway/playground/dist
	cd gateway/playground && npm ci && npm run build

build: ## the server and the operator's tool, as bin/backline and bin/backlinectl
	go build -trimpath -o bin/backline .
	go build -trimpath -o bin/backlinectl ./cmd/backlinectl

check: ## everything that CI does
	.ci/run
