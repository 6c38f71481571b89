package text_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/text"
)

func TestEntitiesWithoutAModel(t *testing.T) {
	tests := map[string]struct{ body, want string }{
		"empty":                         {"", ""},
		"none":                          {"The weather is fine.", ""},
		"a name that ends the text":     {"She met Angela Merkel", "PER:Angela Merkel"},
		"a name alone":                  {"Germany", "LOC:Germany"},
		"places of several words":       {"He moved from New York City to the United States.", "LOC:New York City LOC:United States"},
		"people and places":             {"Michael Jordan was born in Brooklyn, New York.", "PER:Michael Jordan LOC:Brooklyn LOC:New York"},
		"the title is not of the name":  {"Dr. Maria Garcia spoke.", "PER:Maria Garcia"},
		"two people":                    {"John Smith and Mary Jones left.", "PER:John Smith PER:Mary Jones"},
		"possessives are not of a name": {"They live in Canada's north.", "LOC:Canada"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, e := range text.Entities(tt.body) {
				require.Greater(t, e.Score, 0.3, e.Of(tt.body))
				got = append(got, e.Label+":"+e.Of(tt.body))
			}
			require.Equal(t, tt.want, strings.Join(got, " "))
		})
	}
}

func ExampleEntities() {
	body := "George Bush met Angela Merkel in Berlin."
	for _, e := range text.Entities(body) {
		fmt.Println(e.Label, e.Of(body))
	}
	// Output:
	// PER George Bush
	// PER Angela Merkel
	// LOC Berlin
}
