// Package optimize is the runtime that all pipelines share: worker slots,
// devices, the [Engine] that gives a step the whole pipeline contract, and a
// [Cache].
//
//	rt, err := optimize.New(optimize.Options{Workers: 4, Observer: metrics})
//	p, err := text.New(text.Options{Runtime: rt})
//
// A pipeline whose options name no runtime uses [Default]. A runtime outlives
// its pipelines; they never close it.
//
// # Writing a pipeline
//
// A domain writes one function, its [Step], and forwards the four methods of
// [quintet.Pipeline] to an [Engine]. Models that gain from running several
// inputs at once write a [BatchStep] instead. Slots, order, cancellation, panics
// and events are the engine's business:
//
//	p.eng = optimize.NewEngine(o.Runtime, "text", p.step)
//
// # Costs
//
// An empty step costs under a microsecond and at most two allocations per Run.
// A hit of [Cache.Get] costs about what the plain LRU of hashicorp/golang-lru
// costs, although it checks an expiry: the default clock is read at most a
// hundred times a second. The benchmarks beside the code print both.
package optimize
