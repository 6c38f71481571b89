// Package deploytest has no code, but tests of the folder deployment: manifests against the
// types of Kubernetes, compose against its loader, queries and rules against Prometheus,
// scripts and units against the programs that they are for; and the whole graph, run
// natively: two instances of the API behind nginx, workers, Redis, PostgreSQL, Prometheus
// and Alertmanager, under load, while parts of it are killed and stopped.
//
//	go test ./...                      # needs the Debian packages that the tests name
//	QUINTET_SOAK=30m go test -run TestGraph -timeout 40m ./...
//
// The tests are for Linux. It is a module of its own so that nobody who uses Quintet has
// the types of Kubernetes among their modules.
package deploytest
