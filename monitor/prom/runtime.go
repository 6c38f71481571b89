package prom

func (o Options) batchers(b *builder) func(*scrape) error {
	calls := b.counter("quintet_batcher_calls_total", "Calls that ran, alone or with others.", "batcher", "mode")
	executions := b.counter("quintet_batcher_executions_total", "Steps that ran these calls.", "batcher")
	length := b.counter("quintet_batcher_length_total", "Summed length of the calls that ran with others.", "batcher")
	padded := b.counter("quintet_batcher_padded_length_total", "The same with padding.", "batcher")
	refused := b.counter("quintet_batcher_refused_total", "Calls that found the queue full.", "batcher")
	departed := b.counter("quintet_batcher_departed_total", "Calls given up while they waited.", "batcher")
	waiting := b.gauge("quintet_batcher_waiting", "Calls that wait now.", "batcher")
	largest := b.gauge("quintet_batcher_largest_batch", "Calls of the largest batch so far.", "batcher")
	return func(c *scrape) error {
		for name, stats := range o.Batchers {
			s := stats()
			c.set(calls, float64(s.Alone), name, "alone")
			c.set(calls, float64(s.Batched), name, "batched")
			c.set(executions, float64(s.Alone+s.Batches), name)
			c.set(length, float64(s.Length), name)
			c.set(padded, float64(s.Padded), name)
			c.set(refused, float64(s.Refused), name)
			c.set(departed, float64(s.Departed), name)
			c.set(waiting, float64(s.Waiting), name)
			c.set(largest, float64(s.Largest), name)
		}
		return nil
	}
}

func (o Options) caches(b *builder) func(*scrape) error {
	hits := b.counter("quintet_cache_hits_total", "Lookups that a stored value answered.", "cache")
	misses := b.counter("quintet_cache_misses_total", "The other lookups.", "cache")
	joined := b.counter("quintet_cache_joined_total", "Misses that waited for the load of another caller.", "cache")
	loads := b.counter("quintet_cache_loads_total", "Values that were made.", "cache")
	failed := b.counter("quintet_cache_load_errors_total", "Loads that failed.", "cache")
	tierHits := b.counter("quintet_cache_tier_hits_total", "Values found in the second level.", "cache")
	tierErrors := b.counter("quintet_cache_tier_errors_total", "Failed calls of the second level.", "cache")
	evictions := b.counter("quintet_cache_evictions_total", "Entries that had to make room.", "cache")
	expirations := b.counter("quintet_cache_expirations_total", "Entries found too old.", "cache")
	rejected := b.counter("quintet_cache_rejected_total", "Values that were not stored.", "cache")
	entries := b.gauge("quintet_cache_entries", "Entries stored now.", "cache")
	bytes := b.gauge("quintet_cache_bytes", "Their cost.", "cache")
	return func(c *scrape) error {
		for name, stats := range o.Caches {
			s := stats()
			c.set(hits, float64(s.Hits), name)
			c.set(misses, float64(s.Misses), name)
			c.set(joined, float64(s.Joined), name)
			c.set(loads, float64(s.Loads), name)
			c.set(failed, float64(s.LoadErrors), name)
			c.set(tierHits, float64(s.TierHits), name)
			c.set(tierErrors, float64(s.TierErrors), name)
			c.set(evictions, float64(s.Evictions), name)
			c.set(expirations, float64(s.Expirations), name)
			c.set(rejected, float64(s.Rejected), name)
			c.set(entries, float64(s.Entries), name)
			c.set(bytes, float64(s.Bytes), name)
		}
		return nil
	}
}

func (o Options) runtime(b *builder) func(*scrape) error {
	workers := b.gauge("quintet_workers", "Items that run at once.")
	device := b.gauge("quintet_device_available", "Whether a device can be used.", "device", "kind", "backend")
	known := b.gauge("quintet_sessions", "Models that are loaded or referred to.")
	loaded := b.gauge("quintet_sessions_loaded", "Models in memory.")
	references := b.gauge("quintet_session_references", "Sessions handed out and not closed.")
	running := b.gauge("quintet_session_running", "Runs of models under way.")
	bytes := b.gauge("quintet_session_memory_bytes", "Memory of models.")
	hits := b.counter("quintet_session_hits_total", "Times that a model was wanted and in memory.")
	loads := b.counter("quintet_session_loads_total", "Loads of models.")
	failed := b.counter("quintet_session_load_errors_total", "Loads that failed.")
	unloads := b.counter("quintet_session_unloads_total", "Models taken out of memory.")
	waits := b.counter("quintet_session_waits_total", "Loads that waited for memory.")
	devices := o.Runtime.Devices()
	return func(c *scrape) error {
		c.set(workers, float64(o.Runtime.Workers()))
		for _, d := range devices {
			c.set(device, oneIf(d.Available), d.Name, string(d.Kind), d.Backend)
		}
		s := o.Runtime.SessionStats()
		c.set(known, float64(s.Sessions))
		c.set(loaded, float64(s.Loaded))
		c.set(references, float64(s.References))
		c.set(running, float64(s.Running))
		c.set(bytes, float64(s.Bytes))
		c.set(hits, float64(s.Hits))
		c.set(loads, float64(s.Loads))
		c.set(failed, float64(s.LoadErrors))
		c.set(unloads, float64(s.Unloads))
		c.set(waits, float64(s.Waits))
		return nil
	}
}
