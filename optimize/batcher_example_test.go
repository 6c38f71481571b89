package optimize_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/quintet-ai/quintet/optimize"
)

// A model that pads its inputs to the longest runs them together only where that
// is faster; the batcher finds out which ones to take.
func ExampleNewBatcher() {
	shout := func(_ context.Context, in []string) ([]string, error) { // stands for a model
		out := make([]string, len(in))
		for i, s := range in {
			out[i] = strings.ToUpper(s)
		}
		return out, nil
	}
	b, err := optimize.NewBatcher(nil, "shout", optimize.BatchOptions[string]{
		Length: func(s string) int { return len(s) / 4 }, // about its tokens
	}, shout)
	if err != nil {
		log.Fatal(err)
	}
	defer b.Close()
	out, err := b.RunBatch(context.Background(), []string{"short", "a longer one", "tiny"})
	fmt.Println(out, err)
	// Output: [SHORT A LONGER ONE TINY] <nil>
}

// Two pipelines that ask for the same model share one copy of it.
func ExampleRuntime_Session() {
	rt, err := optimize.New(optimize.Options{
		Backend:      &adder{name: "adder", weight: 2}, // a program takes a real one
		MemoryBudget: 1 << 20,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer rt.Close()
	for range 2 {
		s, err := rt.Session(context.Background(), optimize.ModelBytes([]byte{5}), optimize.SessionOptions{})
		if err != nil {
			log.Fatal(err)
		}
		defer s.Close()
	}
	fmt.Println(rt.SessionStats().Loaded, "model,", rt.SessionStats().References, "references")
	// Output: 1 model, 2 references
}
