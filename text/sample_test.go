package text_test

import (
	"strings"
	"testing"

	"github.com/quintet-ai/quintet/text"
)

// sample is about 600 bytes of the English that services see: mostly ASCII, with
// an abbreviation, numbers, an address, curly quotes and an emoji.
const sample = `Dr. Maria Okafor moved to the coast in 2019, and the tide pools have kept her busy ever since. Every
morning at 6.30 she counts starfish, crabs and sea urchins along a 1,200-metre line; every evening she writes
the numbers down. “It’s slow work,” she says, “but slow work is how you notice change.” Her counts are online at
https://example.org/tides?year=2024, free for anyone to use.

Last winter the urchins vanished. Was it the warm water, or a disease? Nobody knew... until a student, Li Wei,
found the same pattern 40 km to the north! Questions? Write to tides@example.org or ask @tidecount. 🦀 #citizenscience
`

func newPipeline(tb testing.TB, o text.Options) *text.Pipeline {
	tb.Helper()
	p, err := text.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { p.Close() })
	return p
}

// hostile are patterns that make careless scanners quadratic when repeated.
var hostile = []string{
	"a", " ", ".", "(", ")", "]", "\"", "'", "-", "_", "@", "#", "0", "\n", "\x00", "\xff", "\xe2\x80", "é",
	"\u0301", "\u200d", "\u202e", "\ufe0f", "日", "。", "…", "👩\u200d", "🇩🇪", "a\u0301", "a.", "é.", "a,a;", "1,",
	"a@", "@a", "a@b.c", "a:", "#1", "#a", "a-", "a'", "A. ", "Mr. ", "a. ", ". ", ".) ", "?\" ", "http://", "a://(",
	"a://[", "www.", "a://b)", "mailto:a@b.co:", "\n\n", "a\n", " \n", "a\t ", "New ",
	"日" + strings.Repeat("\u0301", 40),
}

// attacks returns bodies of n bytes: each hostile pattern repeated behind a full
// stop.
func attacks(n int) map[string]string {
	out := map[string]string{}
	for _, p := range hostile {
		out[p] = "a." + strings.Repeat(p, n/len(p)-2)
	}
	return out
}
