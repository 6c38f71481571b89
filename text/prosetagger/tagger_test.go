package prosetagger_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/text/prosetagger"
)

var shared = sync.OnceValues(func() (*prosetagger.Tagger, error) { return prosetagger.New(prosetagger.Options{}) })

func tagger(t testing.TB) *prosetagger.Tagger {
	t.Helper()
	g, err := shared()
	require.NoError(t, err)
	return g
}

func found(t *testing.T, body string) (names []string) {
	t.Helper()
	es, err := tagger(t).Run(t.Context(), body)
	require.NoError(t, err)
	for _, e := range es {
		names = append(names, e.Label+" "+e.Of(body))
	}
	return names
}

func TestEntitiesStandInTheBody(t *testing.T) {
	tests := map[string]struct {
		body string
		want []string
	}{
		"in the middle":          {"Yesterday Angela Merkel flew to Berlin by train.", []string{"PER Angela Merkel", "LOC Berlin"}},
		"at the end of the body": {"She met Angela Merkel", []string{"PER Angela Merkel"}},
		"behind quotes":          {"“Never,” said Angela Merkel in Paris.", []string{"PER Angela Merkel", "LOC Paris"}},
		"in two sentences":       {"He lives in London. She lives in Paris.", []string{"LOC London", "LOC Paris"}},
		"nowhere":                {"the kettle boils", nil},
		"empty":                  {"", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, found(t, tt.body)) })
	}
}

func TestLongSentencesAreLeftOut(t *testing.T) {
	require.Equal(t, []string{"LOC Paris"}, found(t, strings.Repeat(")", 5000)+" x.\n\nHe lives in Paris."))
}

func TestATaggerIsShared(t *testing.T) {
	var crew sync.WaitGroup
	for range 4 {
		crew.Go(func() {
			es, err := tagger(t).Run(context.Background(), "He lives in London.")
			if err != nil || len(es) != 1 {
				t.Errorf("%v, %v", es, err)
			}
		})
	}
	crew.Wait()
	done, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := tagger(t).Run(done, "He lives in London.")
	require.ErrorIs(t, err, context.Canceled)
	_, err = prosetagger.New(prosetagger.Options{MaxSentence: -1})
	require.ErrorIs(t, err, quintet.ErrOption)
}

// Whatever the body, entities are in order and inside of it.
func FuzzRun(f *testing.F) {
	for _, s := range []string{"Angela Merkel's “dog”", "\x00\xff", "don't (((", "Visit Berlin."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if len(body) > 500 {
			return
		}
		es, err := tagger(t).Run(t.Context(), body)
		if err != nil {
			require.ErrorIs(t, err, quintet.ErrInput)
			return
		}
		last := 0
		for _, e := range es {
			require.LessOrEqual(t, last, e.Start)
			require.Less(t, e.Start, e.End)
			require.LessOrEqual(t, e.End, len(body))
			last = e.End
		}
	})
}

func Example() {
	t, err := prosetagger.New(prosetagger.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := text.New(text.Options{Tasks: text.TaskEntities, Entities: t})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	body := "Yesterday Angela Merkel flew to Berlin by train."
	r, err := p.Run(context.Background(), text.Document{Body: body})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range r.Entities {
		fmt.Println(e.Label, e.Of(body))
	}
	// Output:
	// PER Angela Merkel
	// LOC Berlin
}
