package text_test

import (
	"regexp"
	"testing"

	"github.com/quintet-ai/quintet/internal/synth"
	"github.com/quintet-ai/quintet/text"
)

// piiPattern is the usual way in Go: one alternation of six kinds, without checks.
var piiPattern = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}` +
	`|\b(?:\d[ -]?){13,19}\b` +
	`|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b` +
	`|\b(?:\d{1,3}\.){3}\d{1,3}\b` +
	`|(?:\+\d{1,3}[ .-]?)?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}` +
	`|\b\d{3}-\d{2}-\d{4}\b`)

func BenchmarkFindPII(b *testing.B) {
	for name, body := range map[string]string{"600B": sample, "25kB": synth.Prose(1, 4000), "dense": personal} {
		b.Run("body="+name+"/by=scanners", func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := text.FindPII(body, text.PIIOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("body="+name+"/by=regexp", func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				piiPattern.FindAllStringIndex(body, -1)
			}
		})
	}
}
