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
// # The native backend
//
// [NewNative] runs ONNX models in Go alone, with assembly for AVX2 and NEON and a
// twin in Go for the rest. Of the 1,072 cases of ONNX's conformance suite (opsets 1
// to 17, Debian's libonnx-testdata) 880 pass, on amd64, on arm64 under emulation and
// without assembly, with the rewritten graph and with the plain one; 192 are refused
// when the model is loaded (losses, training, strings, sequences, random numbers);
// none is wrong. Real models agree with ONNX Runtime 1.30 within 1e-4: Silero VAD
// v5, v6 and legacy, BlazeFace, PP-OCRv4, UltraFace, and encoders and decoders with
// random weights.
//
// CPU time over that of ONNX Runtime 1.30, one thread each, in one process, on a
// shared AVX2 machine ("make report AREA=native"); below 1 the native backend is
// faster:
//
//	encoder of MiniLM's shape, 8 / 16 / 32 / 64 / 128 / 256 tokens
//	    float32                 0.92  0.81  0.87  1.03  0.94  0.96   mean 0.92
//	    int8, same cosine       0.72  0.73  0.72  0.73  0.76  0.76   mean 0.73
//	ResNet-18 224 px            0.79      MobileNetV2 224 px         1.00
//	PP-OCRv4 detection 640 px   0.55      recognition 0.74           orientation 0.47
//	BlazeFace back / front      0.92 / 0.75
//	Silero VAD v6, one frame    0.27      UltraFace 320              0.43
//	loading a file of 90 MB     0.09      peak memory                0.42 (1.13 times the file)
//	gomlx simplego, encoder of 32 tokens: 45 times slower than the native backend
//
// Rounds differ by 10 to 20 % on that machine. Two threads made an encoder of 128
// tokens 1.66 times and ResNet-18 1.58 times as fast as one, where two runs at once
// gain 1.92; work on threads since then was too disturbed by other programs to be
// measured.
//
// Not measured: arm64 (the kernels were run under emulation only), and processors
// with AVX-512, where ONNX Runtime has wider kernels and this backend has none.
// Convolutions of 3x3 are computed by minimal filtering, whose rounding errors are
// up to ten times those of a plain sum.
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
