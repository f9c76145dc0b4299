# Latchkey. `make demo` and `make test` need nothing prepared but Swift on Debian 12; see `make help`.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

SWIFT ?= swift
# Options for pytest, e.g. PYTEST='-k reinvocation -x'
PYTEST ?=

AGENT := .build/bin/latchkey-agent
EXEC := .build/bin/latchkey-exec
STATIC_BUILD := .build/static

.PHONY: help setup build agent exec demo test test-swift test-python test-cluster format lint bench bench-full docs clean

help: ## Show this list
	@echo "Targets:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what building and testing needs (or say what is missing)
	@scripts/setup.sh

build: setup ## Build everything for debugging, into .build/debug
	$(SWIFT) build

# Swift Package Manager knows what has changed; the copy is made only when it has done something.
agent: setup ## Build the agent as one static executable: .build/bin/latchkey-agent
	@libcurl="$$(scripts/static-libcurl.sh)"; \
	echo "==> Building the static agent"; \
	LATCHKEY_STATIC=1 $(SWIFT) build -c release --product latchkey-agent --scratch-path $(STATIC_BUILD) \
	    -Xlinker "-L$$libcurl/lib"; \
	scripts/install-agent.sh $(STATIC_BUILD)/release/latchkey-agent $(AGENT)

exec: setup ## Build the wrapper that starts commands with their variables: .build/bin/latchkey-exec
	@scripts/exec.sh $(EXEC)

demo: build agent exec ## Show Latchkey at work on this machine, without a cluster
	@scripts/demo.sh

test: test-swift test-python ## Run all tests but those against a cluster

# One test after the other: many wait for servers and processes, and side by side they starve each other of two cores.
test-swift: setup agent exec
	@LATCHKEY_DOCKER_REGISTRY="$$(scripts/docker-registry.sh)"; export LATCHKEY_DOCKER_REGISTRY; \
	$(SWIFT) test --no-parallel

test-python: build agent exec
	@if [ -d Tests/Python ]; then \
	    python="$$(scripts/python-env.sh)"; \
	    "$$python/bin/pytest" -p no:cacheprovider Tests/Python $(PYTEST); \
	else echo "==> No Tests/Python"; fi

test-cluster: build agent exec ## Run the tests against a kube-apiserver (built once, 4 to 7 minutes)
	@KUBEBUILDER_ASSETS="$$(scripts/kube-apiserver.sh)"; export KUBEBUILDER_ASSETS; \
	python="$$(scripts/python-env.sh)"; \
	"$$python/bin/pytest" -p no:cacheprovider -v Tests/Cluster $(PYTEST)

format: setup ## Format the Swift sources
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests $(wildcard Benchmarks/Sources Benchmarks/Package.swift)

lint: setup ## Check formatting and scripts
	@scripts/lint.sh

bench: agent exec ## Run the benchmarks (Benchmarks/, a package of its own)
	@if [ -x Benchmarks/run ]; then Benchmarks/run; else $(SWIFT) run --package-path Benchmarks -c release; fi

bench-full: agent exec ## Run the benchmarks with a long soak and a million reads
	@Benchmarks/run full

docs: setup ## Write the generated pages of docs/ (tests compare them)
	LATCHKEY_UPDATE_DOCS=1 $(SWIFT) test --filter 'DocumentationTests|theDocumentationIsTheTable'

clean: ## Remove what was built here (the caches in ~/.cache/latchkey stay)
	rm -rf .build Benchmarks/.build
