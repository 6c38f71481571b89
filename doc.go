// Package quintet is the shared vocabulary of five typed pipelines: text,
// vision, audio, vector and graph.
//
// It holds the [Pipeline] contract, the six causes of every error, and the
// [Event] that every pipeline reports. It imports nothing but the standard
// library and every other package may import it, so it is the one place where
// all of them can meet.
//
// Start with the package of your domain; the names are the same in each:
//
//	p, err := text.New(text.Options{}) // or vision.New, audio.New, …
//	if err != nil {
//		log.Fatal(err)
//	}
//	defer p.Close()
//	r, err := p.Run(ctx, text.Document{Body: "…"})
//
// # Bugs of the caller
//
// A nil context is a bug of the caller and may panic, as in the standard
// library. Everything else a caller can pass (empty, huge, truncated or hostile
// data, NaN, negative options, a closed pipeline) is answered with an error
// whose cause is one of the six values of this package.
package quintet
