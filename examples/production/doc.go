// Command quintetd is a service for production: the pipelines behind HTTP, background jobs
// in other processes, health, metrics and alerts, configured by the environment and a YAML
// file as package server/config describes.
//
//	quintetd check             # says what is wrong with settings and dependencies
//	quintetd all               # API and worker in one process, everything in STORAGE_PATH
//	quintetd serve             # API; with Redis its jobs are done by workers
//	quintetd worker            # does the jobs; needs Redis
//	quintetd monitor           # watches what the others share, tells people of alerts
//	quintetd ready             # says whether the service on this machine is ready
//	quintetd token -subject ann -roles user
//
// REDIS_URL and DATABASE_URL stand for the variables REDIS_… and DB_…, which they replace.
// The folder deployment has everything around it: containers, Kubernetes, systemd, nginx,
// Prometheus, alerts, backups.
//
// # Start and end
//
// A process listens within a second or two, whether or not what it depends on is there:
// /readyz says 503 until it is. SIGTERM ends it in this order: readiness says no, requests
// are served for -drain longer so that a balancer notices, no more connections are taken,
// requests under way are finished, then running jobs, then stores are closed and what is
// buffered is written.
//
// # Ports
//
// The API listens at API_PORT and asks for credentials. MONITORING_PORT has health,
// metrics and a dashboard without buttons, and asks nobody who they are: it is for the
// network of operators only.
//
// # Limits
//
// Vectors in a directory belong to one process: several instances of the API without a
// shared database hold different collections. All tenants share one collection. Models
// are the embedded ones.
package main
