package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

// decision is what is done with a post, the stricter the higher.
type decision int

const (
	allow decision = iota
	review
	block
)

var decisions = []string{"allow", "review", "block"}

// String returns the name of the decision.
func (d decision) String() string { return decisions[d] }

// MarshalText returns the name of the decision.
func (d decision) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// rules are all thresholds and lists in one place.
type rules struct {
	// Negative is the sentiment, -1 to 1, below which somebody looks at a post.
	Negative float64 `json:"negative"`

	// Learned is the probability from which on a label of the trained classifier counts.
	Learned float64 `json:"learned"`

	// Languages are those that the moderators read; somebody has to find a reader for
	// the others, from Confidence on. None is all.
	Languages  []string `json:"languages"`
	Confidence float64  `json:"confidence"`

	// ReviewWords and BlockWords are words in any form: "scam" is in "SCAMS".
	ReviewWords []string `json:"review_words"`
	BlockWords  []string `json:"block_words"`

	// Alike is the similarity, 0.1 to 1, from which on texts are copies of one another;
	// of so many copies somebody looks at the post, or it is blocked.
	Alike       float64 `json:"alike"`
	ReviewAlike int     `json:"review_alike"`
	BlockAlike  int     `json:"block_alike"`

	// Private is how many pieces of personal data somebody looks at. All are redacted.
	Private int `json:"private"`

	// Face is the score, 0 to 1, from which on something in a picture is a face.
	Face float64 `json:"face"`
}

var defaultRules = rules{
	Negative: -0.6, Learned: 0.9, Confidence: 0.8,
	ReviewWords: []string{"giveaway", "crypto", "investment"},
	Alike:       0.8, ReviewAlike: 3, BlockAlike: 6,
	Private: 3, Face: 0.5,
}

// readRules returns the default rules with those of a file in their place.
func readRules(path string) (rules, error) {
	r := defaultRules
	if path == "" {
		return r, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}
