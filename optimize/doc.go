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
// # Models
//
// A [Backend] loads models: the native one, in pure Go, unless [Options] name
// another, such as that of package onnx. [Runtime.Session] shares them: one copy
// of a model for all pipelines, loaded once, unloaded by least recent use within
// MemoryBudget and after IdleUnload, and loaded again when it is wanted.
// [Prefer] tries several backends in order.
//
// A [Batcher] is an engine for models that pad: concurrent calls run together
// where the table of gains, which [Batcher.Calibrate] measures, says that it pays.
//
// # Costs
//
// An empty step costs under a microsecond and at most two allocations per Run.
// A hit of [Cache.Get] costs about what the plain LRU of hashicorp/golang-lru
// costs, although it checks an expiry: the default clock is read at most a
// hundred times a second. A call of a Batcher that finds an idle worker costs as
// much as one of a plain engine, one that waits some microseconds more. The
// benchmarks beside the code print all of these.
package optimize
