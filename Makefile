# The one door for people and CI. Each target is a short script, or a line of it, in scripts/.

.DEFAULT_GOAL := help
.PHONY: $(shell awk -F: '/^[a-z0-9-]+:/ { print $$1 }' $(firstword $(MAKEFILE_LIST)))

help: ## Say what can be made.
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-21s %s\n", $$1, $$2 }' Makefile

run: ## Start the chat on http://localhost:8080 with nothing else installed.
	@scripts/run.sh

test: ## Run every test: Rust, web, end to end in both modes; installs what they need.
	@scripts/test.sh

check: ## Check format, lints, documentation and the house rules.
	@scripts/check.sh

format: ## Format Rust and the web app.
	@scripts/format.sh

e2e: ## Two real browsers talk: in one process, then across two edges.
	@scripts/e2e.sh embedded
	@scripts/e2e.sh edges 2

firefox: ## The same main path in Firefox, and between Firefox and Chromium.
	@scripts/firefox.sh

screenshots: ## Let two people talk and take the pictures of docs/screenshots again.
	@scripts/screenshots.sh

twin-builds: ## Build the web app twice from nothing, and compare every byte.
	@scripts/twin-builds.sh

replay: ## Print a capture and hold it against the program: make replay CAPTURE=file.
	@scripts/replay.sh "$(CAPTURE)"

coverage: ## Which lines of the server its tests run through; HTML in target/coverage/html.
	@scripts/coverage.sh

long-mutants: ## Break what guards accounts, change by change, and see whether the tests notice.
	@scripts/long-mutants.sh

long-api: ## Examine every route by the OpenAPI document, 200 examples each, on both stores.
	@scripts/schemathesis.sh 200
	@scripts/with-postgres.sh scripts/schemathesis.sh 200

long-faults: ## Stop servers under people who talk, and hold to the promised times.
	@scripts/long-faults.sh

chaos: ## Kill, freeze and cut servers under 50 pairs who talk for 12 min, by a seed, and judge it.
	@scripts/chaos.sh chaos

chaos-short: ## The same with 10 pairs for a minute, always by the same seed.
	@DHCHAT_CHAOS_SEED=$${DHCHAT_CHAOS_SEED:-5} DHCHAT_CHAOS_SECONDS=60 DHCHAT_CHAOS_PAIRS=10 scripts/chaos.sh chaos

chaos-rolling: ## Restart every edge under 20 pairs who talk: nothing lost, nothing ended.
	@DHCHAT_CHAOS_SECONDS=3 DHCHAT_CHAOS_PAIRS=20 scripts/chaos.sh rolling

long-rolling: ## The same under 200 pairs with a word a second each, on a release build.
	@DHCHAT_CHAOS_RELEASE=1 DHCHAT_CHAOS_BY_LIBRARY=1 scripts/chaos.sh rolling

long-cuts: ## Send ten files of 50 MB, each cut off twenty times: all arrive, at a fair cost.
	@scripts/chaos.sh cuts

long-flaps: ## Cut the connections of two people who talk 200 times: nothing lost, nothing doubled.
	@scripts/long-flaps.sh

canaries: ## Let two people in browsers say canaries, and search all of the servers for them.
	@scripts/canaries.sh

models: ## Search the models of the channel for attacks: those that end within minutes.
	@scripts/models.sh fast

long-models: ## Search all models of the channel, the slow ones too.
	@scripts/models.sh long

bench: ## Measure what the channel costs, in Node and in Chromium.
	@scripts/bench.sh

bench-micro: ## Time each piece of the hot path on this machine, and what it allocates.
	@scripts/bench-micro.sh

gates: ## Count instructions, heap blocks, system calls and bytes of the hot path, and hold them.
	@scripts/gates.sh

bench-load: ## Measure real servers under load, beside a naive relay and a bare broker: the table of targets.
	@scripts/bench-load.sh

first-paint: ## Measure how long the screen to sign in takes, and what is loaded for it.
	@DHCHAT_E2E=first-paint scripts/e2e.sh embedded

long-file: ## Send files of 50 MiB from browser to browser, and measure how fast they go.
	@DHCHAT_E2E=bench:file scripts/e2e.sh embedded

hostile: ## Say 510 hostile words in every place: texts, names, files; nothing may run or be reported.
	@DHCHAT_E2E=hostile scripts/e2e.sh embedded

long-fallbacks: ## Test the core in Chromium without each primitive of Web Crypto.
	@scripts/long-fallbacks.sh

long-mutations: ## Offer a hundred thousand forged records and messages to the channel.
	@scripts/long-mutations.sh

long-simulation: ## Play a hundred thousand worlds of Sessions, and ten thousand conversations.
	@scripts/long-simulation.sh

long-refresh: ## Refresh a thousand times 32-fold at three replicas: one rotation each.
	@scripts/long-refresh.sh

long-guessing: ## Let a thousand addresses guess at one password for ten simulated minutes.
	@scripts/long-guessing.sh

long-database: ## Stop and hang the database under load, and hold to the promised times.
	@scripts/long-database.sh

long-timing: ## Measure whether time tells known names from unknown ones.
	@scripts/long-timing.sh

long-logins: ## Let 200 people sign in at once while others talk, and hold to the promised times.
	@scripts/long-logins.sh

long-race: ## Let two sockets of one person race ten thousand times over two edges.
	@scripts/long-race.sh

long-revocation: ## Revoke a thousand times at three edges, two hundred with one of them away.
	@scripts/long-revocation.sh

long-autobahn: ## Tell every case of the Autobahn test suite to the WebSocket codec.
	@scripts/autobahn.sh all

long-stalled: ## Let 200 readers of 2,000 stop reading, and hold to the promised memory and times.
	@scripts/long-stalled.sh

long-alerts: ## Let somebody listen to all chats, and wait for the alert as long as is promised.
	@scripts/long-alerts.sh

long-hostile: ## Say a million hostile frames to the doors, and a million messages on the bus.
	@scripts/long-hostile.sh

fuzz: ## Feed the parsers what nobody would say: six minutes, from a committed corpus.
	@scripts/fuzz.sh

long-fuzz: ## The same for four hours, or DHCHAT_FUZZ_SECONDS.
	@DHCHAT_FUZZ_SECONDS=$${DHCHAT_FUZZ_SECONDS:-14400} scripts/fuzz.sh

long-search: ## Search among a hundred thousand users, and hold to the promised times.
	@scripts/long-search.sh

develop-up: ## Start one edge on http://localhost:8080, database, broker, dashboards in containers; builds the image the first time.
	@scripts/containers.sh develop up

develop-up-build: ## develop: the same with an image built anew.
	@scripts/containers.sh develop up-build

develop-down: ## develop: stop it; its data stay.
	@scripts/containers.sh develop down

develop-down-volumes: ## develop: stop it and remove its data, accounts included.
	@scripts/containers.sh develop down-volumes

develop-restart: ## develop: restart its containers.
	@scripts/containers.sh develop restart

develop-reup: ## develop: stop it, then start it.
	@scripts/containers.sh develop reup

develop-rebuild: ## develop: stop it, build everything from nothing, start it.
	@scripts/containers.sh develop rebuild

prod-up: ## Start what others use, by infra/env, behind TLS in containers; builds the image the first time.
	@scripts/containers.sh prod up

prod-up-build: ## prod: the same with an image built anew.
	@scripts/containers.sh prod up-build

prod-down: ## prod: stop it; its data stay.
	@scripts/containers.sh prod down

prod-down-volumes: ## prod: stop it and remove its data, accounts included.
	@scripts/containers.sh prod down-volumes

prod-restart: ## prod: restart its containers.
	@scripts/containers.sh prod restart

prod-reup: ## prod: stop it, then start it.
	@scripts/containers.sh prod reup

prod-rebuild: ## prod: stop it, build everything from nothing, start it.
	@scripts/containers.sh prod rebuild

certificates: ## Make certificates for localhost, to try what others use on one's own machine.
	@scripts/localhost.sh

passwords: ## Print the passwords that were made for the containers.
	@scripts/passwords.sh

backend: ## Start the server alone, for work on it: everything in one process.
	@scripts/run.sh

frontend: ## Start the web app alone with its changes shown at once, before a server on port 8080.
	@scripts/frontend.sh

check-operations: ## Check what operators get: alerts, dashboard, proxy, containers, manifests.
	@scripts/check-operations.sh

topology: ## Start prod as plain processes: two browsers talk through it, Prometheus has every figure.
	@scripts/topology.sh check

topology-stay: ## Start prod as plain processes for whoever wants to look, until Ctrl-C.
	@scripts/topology.sh stay

observatory: ## Let MDN's HTTP Observatory and Google's CSP Evaluator judge what pages are served with.
	@scripts/topology.sh headers

long-topology: ## The same with every story, and sslyze judges how TLS is spoken, with either setting.
	@DHCHAT_TOPOLOGY_WHOLE=1 scripts/topology.sh check
	@scripts/topology.sh tls

long-image: ## Build the image for real and start it, with buildah and podman, as root.
	@scripts/long-image.sh

clean: ## Remove what this project built here; never data, never another project's things.
	@scripts/clean.sh
