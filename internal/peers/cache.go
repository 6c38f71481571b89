package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/hashicorp/golang-lru/v2/expirable"
	"github.com/maypok86/otter/v2"

	"github.com/quintet-ai/quintet/internal/report"
	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/optimize"
)

// cacheFigures measures hits on hot keys, with an expiry to check except in
// golang-lru's plain LRU, and the hit ratios of seeded traces.
func cacheFigures() []report.Figure {
	atMost := report.AtMost(1.3)
	all := []report.Figure{
		hotHit("cache/hit_lru", optimize.LRU, "golang-lru", hotPlain, atMost),
		hotHit("cache/hit_2q", optimize.TwoQueue, "golang-lru", hotPlain, atMost),
		hotHit("cache/hit_2q_expirable", optimize.TwoQueue, "expirable", hotExpirable, report.Goal{}),
		hotHit("cache/hit_2q_otter", optimize.TwoQueue, "otter", hotOtter, report.Goal{}),
	}
	all[len(all)-1].Parallel = true // otter tidies up on goroutines of its own
	for _, t := range []struct {
		name  string
		trace func() []int
	}{
		{"zipf1.01", func() []int { return zipf(1.01) }},
		{"zipf1.2", func() []int { return zipf(1.2) }},
		{"scans", scans},
		{"shift", shift},
	} {
		for _, entries := range []int{1000, 10_000} {
			name := fmt.Sprintf("cache/ratio_%s_%d", t.name, entries)
			all = append(all, hitRatio(name, t.trace, entries))
		}
	}
	return all
}

// A hot cache has room for all its keys and holds values for an hour.
const (
	hotKeys    = 256 // a power of two
	hotEntries = 1000
	hotTTL     = time.Hour
)

func keys() []string {
	all := make([]string, hotKeys)
	for i := range all {
		all[i] = fmt.Sprintf("%040d", i)
	}
	return all
}

// hotHit measures what Get costs, in Gets of a peer.
func hotHit(name string, p optimize.Policy, peer string, theirs func() func(n int), g report.Goal) report.Figure {
	return report.Figure{Name: name, Unit: "x", Peer: peer, Goal: g,
		Measure: func(m *report.Meter) ([]float64, error) {
			c, err := optimize.NewCache(optimize.CacheOptions[string, []byte]{Entries: hotEntries, Policy: p, TTL: hotTTL})
			if err != nil {
				return nil, err
			}
			keys := keys()
			for _, k := range keys {
				c.Add(k, []byte(k))
			}
			ours := func(n int) {
				for i := range n {
					c.Get(keys[i%hotKeys])
				}
			}
			return m.Cost(ours, theirs()), nil
		}}
}

func hotPlain() func(n int) {
	c, err := lru.New[string, []byte](hotEntries)
	must(err)
	keys := keys()
	for _, k := range keys {
		c.Add(k, []byte(k))
	}
	return func(n int) {
		for i := range n {
			c.Get(keys[i%hotKeys])
		}
	}
}

func hotExpirable() func(n int) {
	c := expirable.NewLRU[string, []byte](hotEntries, nil, hotTTL)
	keys := keys()
	for _, k := range keys {
		c.Add(k, []byte(k))
	}
	return func(n int) {
		for i := range n {
			c.Get(keys[i%hotKeys])
		}
	}
}

func hotOtter() func(n int) {
	c, err := otter.New(&otter.Options[string, []byte]{MaximumSize: hotEntries,
		ExpiryCalculator: otter.ExpiryWriting[string, []byte](hotTTL)})
	must(err)
	keys := keys()
	for _, k := range keys {
		c.Set(k, []byte(k))
	}
	return func(n int) {
		for i := range n {
			c.GetIfPresent(keys[i%hotKeys])
		}
	}
}

// hitRatio runs a trace through our 2Q, golang-lru's 2Q and, for information,
// golang-lru's LRU and otter. There is nothing random in it: one value.
func hitRatio(name string, trace func() []int, entries int) report.Figure {
	measure := func(m *report.Meter) ([]float64, error) {
		c, err := optimize.NewCache(optimize.CacheOptions[int, int]{Entries: entries, TTL: hotTTL})
		must(err)
		twoQ, err := lru.New2Q[int, int](entries)
		must(err)
		plain, err := lru.New[int, int](entries)
		must(err)
		inline := func(work func()) { work() } // no race between otter's evictions and the trace
		o, err := otter.New(&otter.Options[int, int]{MaximumSize: entries, Executor: inline})
		must(err)

		t := trace()
		ours := hits(t, c.Get, c.Add)
		theirs := hits(t, twoQ.Get, twoQ.Add)
		m.Note("%.2f%% against %.2f%%, LRU %.2f%%, otter %.2f%%", ours, theirs,
			hits(t, plain.Get, func(k, v int) { plain.Add(k, v) }),
			hits(t, o.GetIfPresent, func(k, v int) { o.Set(k, v) }))
		return []float64{ours / theirs}, nil
	}
	return report.Figure{Name: name, Unit: "x", Peer: "golang-lru-2q", Goal: report.AtLeast(1), Measure: measure}
}

// hits returns the percentage of keys found; those that were not are added.
func hits(trace []int, get func(int) (int, bool), add func(k, v int)) float64 {
	n := 0
	for _, k := range trace {
		if _, ok := get(k); ok {
			n++
		} else {
			add(k, k)
		}
	}
	return 100 * float64(n) / float64(len(trace))
}

// The traces: a million accesses to 100,000 keys.
const (
	accesses = 1_000_000
	universe = 100_000
)

// zipf draws key k with a probability proportional to (1+k)^-s.
func zipf(s float64) []int {
	z := rand.NewZipf(synth.Rand(1), s, 1, universe-1)
	t := make([]int, accesses)
	for i := range t {
		t[i] = int(z.Uint64())
	}
	return t
}

// scans reads 20,000 keys that nobody else asks for after every 50,000 accesses.
func scans() []int {
	t := zipf(1.01)
	next := universe
	for i := range t {
		if i%70_000 >= 50_000 {
			t[i] = next
			next++
		}
	}
	return t
}

// shift makes other keys popular after every quarter.
func shift() []int {
	t := zipf(1.01)
	for i := range t {
		quarter := i / (accesses / 4)
		t[i] = (t[i] + quarter*universe/4) % universe
	}
	return t
}

// must is for what only a wrong number in this file can cause; the report prints
// the panic.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
