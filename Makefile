.DEFAULT_GOAL := help
.PHONY: help test quick bench report fuzz lint golden nightly
AREA ?=
PKG ?= ./...
T ?= 30s

help: ## show this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 10
test: ## install what is missing, then check, build and test everything as CI does
	@bash .ci/test
quick: ## format, vet and the short tests of PKG (default ./...)
	@bash -c 'test -z "$$(gofmt -l .)" && go vet $(PKG) && go test -short $(PKG)'
bench: ## benchmarks of PKG, six rounds, ready for benchstat
	@go test -run '^$$' -bench . -benchmem -count 6 $(PKG)
report: ## measured figures beside their goals, of AREA or all
	@cd internal/peers && go run . -area '$(AREA)'
fuzz: ## every fuzz target of PKG for T (default 30s)
	@bash .ci/fuzz $(T) $(PKG)
lint: ## staticcheck and, where it is installed, golangci-lint
	@go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 $(PKG) && if command -v golangci-lint >/dev/null; then golangci-lint run $(PKG); fi
golden: ## rewrite all golden files; read the diff afterwards
	@go test $$(grep -rl --include='*_test.go' 'internal/golden"' . | xargs -n1 dirname | sort -u) -update
nightly: ## the long tests: calls of vector in any order, the whole service under load and faults; 40 minutes
	@QUINTET_VECTOR_OPS=1000000 go test -count=1 -run TestRandomCallsOnDiskAgreeWithTheModel -timeout 60m ./vector
	@QUINTET_SOAK=30m go test -C internal/deploytest -count=1 -run TestGraph -timeout 60m .
