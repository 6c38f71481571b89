// Package prom shows Prometheus what a service does: pipelines, caches, batchers,
// models, jobs, health and alerts.
//
// An [Exporter] collects for a registry of the caller's, or answers scrapes itself:
//
//	e, err := prom.New(prom.Options{Metrics: metrics, Health: health, Runtime: rt, Jobs: queue.Stats})
//	registry.MustRegister(e)                       // beside the caller's own metrics
//	srv, err := server.New(p, server.Options{Metrics: e.Handler()})
//
// It is a module of its own, so that who needs no Prometheus client gets none.
//
// # Metrics
//
// Names begin with quintet_; times are in seconds and sizes in bytes. What an option is
// nil for is absent.
//
//	requests_total              calls of a pipeline, by pipeline and op
//	items_total                 inputs of these calls: items a call is the mean size of a request
//	cached_requests_total       calls that a cache answered
//	errors_total                calls that failed, by cause as of monitor.Cause
//	request_duration_seconds    from call to result
//	queue_duration_seconds      of this, waiting
//	batch_size                  the largest number of items that a call executed together
//	batcher_calls_total         calls of a batcher, by mode: alone or batched
//	batcher_executions_total    steps run for them: calls an execution is the mean batch
//	batcher_length_total        summed length of the inputs
//	batcher_padded_length_total the same with padding: their ratio is the waste
//	cache_...                   hits, misses, loads, evictions, entries, bytes
//	session_...                 models loaded and running, their bytes, loads, unloads
//	device_available            1 for each device that can be used, 0 for others
//	jobs, jobs_finished_total   jobs by state
//	check_up, ready, live       health
//	alerts                      active alerts by severity and state
//	collect_success             0 for a source that failed at this scrape
//
// With a server as observer the pipeline is "http" and the op the pattern of the route.
// Gauges of the Metrics keep their own names.
//
// # Limits
//
// Labels come from names of pipelines, operations, checks, caches and devices only:
// never from requests, texts or errors. monitor.MetricsOptions bounds the pipelines.
// Metrics count calls, not statuses of HTTP.
package prom
