package quintet

import "time"

// Event is what a pipeline reports after each Run, each RunBatch and each item
// of a Stream. A runtime reports loads of models in the same way, as those of a
// pipeline "session".
type Event struct {
	Pipeline string        // name of the pipeline, such as "text"
	Op       string        // "Run", "RunBatch" or "Stream"; of models "Load", "Unload" or "Fallback"
	Items    int           // inputs of the call
	Took     time.Duration // from the call to its result, Queued included
	Queued   time.Duration // wait for a worker; of RunBatch, until its first item started
	Batch    int           // the largest number of items that one step executed together
	CacheHit bool          // the result came from a cache; no step ran
	Err      error         // as returned to the caller, nil on success
}

// An Observer receives events. Observe is called from many goroutines at once,
// on the path of the call: it must not block and must not call back into the
// pipeline.
type Observer interface{ Observe(Event) }

// ObserverFunc lets a function be an [Observer].
type ObserverFunc func(Event)

// Observe calls f.
func (f ObserverFunc) Observe(e Event) { f(e) }

// Observers hands each event to several observers in turn.
type Observers []Observer

// Observe calls every observer in order.
func (all Observers) Observe(e Event) {
	for _, o := range all {
		o.Observe(e)
	}
}
