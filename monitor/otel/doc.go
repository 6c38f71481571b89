// Package otel reports the events of pipelines to OpenTelemetry: a span for each call
// and metrics.
//
//	o, err := otel.New(otel.Options{Tracers: tracerProvider, Meters: meterProvider})
//	rt, err := optimize.New(optimize.Options{Observer: o})
//
// The providers are the caller's, with their exporters and sampling; the global ones
// are not used. It is a module of its own, so that who needs no OpenTelemetry gets none.
//
// # Signals
//
// A span is named "text.Run", of kind internal, and has the attributes quintet.pipeline,
// quintet.op, quintet.items, quintet.batch, quintet.queued (seconds) and
// quintet.cache_hit; one of a call that failed has the status error and error.type, the
// cause as of monitor.Cause. Metrics are quintet.requests, quintet.items, quintet.errors,
// quintet.request.duration, quintet.queue.duration and quintet.batch.size, with the
// attributes quintet.pipeline and quintet.op.
//
// # Limits
//
// An event comes when a call has ended and names no context: spans are roots, whose
// times are those of the call, and are not children of the caller's span. The texts of
// errors are not recorded, because they may quote inputs; [Options.ErrorTexts] changes
// that for spans.
package otel
