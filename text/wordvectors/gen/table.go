package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/quintet-ai/quintet/text"
)

// What the table holds, and how common words weigh less: by smooth inverse
// frequency (Arora, Liang, Ma, ICLR 2017), where the frequency of a word is taken
// from its rank by Zipf's law.
const (
	dim       = 100
	most      = 40_000
	smoothing = 1e-3
)

// entry is a word with its vector.
type entry struct {
	word   string
	vector []float64
	weight float64
}

var errFormat = errors.New("not the expected JSON")

// read reads the most frequent words. The object has an array "words", most
// frequent first, and then an object "vectors" in the same order, of arrays that go
// on behind the vector.
func read(r io.Reader) ([]entry, error) {
	d := json.NewDecoder(r)
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	var words []string
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch name {
		case "words":
			err = d.Decode(&words)
		case "vectors":
			return readVectors(d, words)
		default:
			var skipped json.RawMessage
			err = d.Decode(&skipped)
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, errFormat
}

func readVectors(d *json.Decoder, words []string) ([]entry, error) {
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	harmonic := 0.0
	for rank := range words {
		harmonic += 1 / zipf(rank)
	}
	var entries []entry
	for rank := 0; len(entries) < most && d.More(); rank++ {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var vector []float64
		if err := d.Decode(&vector); err != nil {
			return nil, err
		}
		if rank >= len(words) || name != words[rank] || len(vector) < dim {
			return nil, fmt.Errorf("word %d: %w", rank, errFormat)
		}
		if isWord(words[rank]) {
			frequency := 1 / (zipf(rank) * harmonic)
			entries = append(entries, entry{words[rank], vector[:dim], smoothing / (smoothing + frequency)})
		}
	}
	return entries, nil
}

// zipf is what the frequency of a word is in inverse proportion to (Mandelbrot).
func zipf(rank int) float64 { return float64(rank) + 2.7 }

// isWord reports whether package text would find s to be one word.
func isWord(s string) bool {
	tokens := text.Tokens(s)
	return len(tokens) == 1 && tokens[0].Kind == text.TokenWord && tokens[0].End == len(s)
}

// encode writes the table as package wordvectors reads it: the number of words, the
// common component, the scale and the weight of each word, the vectors in 8 bits a
// number, where the words end, and the words.
func encode(entries []entry) []byte {
	le := binary.LittleEndian
	data := le.AppendUint32([]byte("qwv1"), uint32(len(entries)))
	for _, x := range common(entries) {
		data = le.AppendUint32(data, math.Float32bits(float32(x)))
	}
	scales := make([]float64, len(entries))
	for i, e := range entries {
		for _, x := range e.vector {
			scales[i] = max(scales[i], math.Abs(x)/127)
		}
		data = le.AppendUint32(data, math.Float32bits(float32(scales[i])))
		data = le.AppendUint32(data, math.Float32bits(float32(e.weight)))
	}
	for i, e := range entries {
		for _, x := range e.vector {
			data = append(data, byte(int8(math.RoundToEven(x/scales[i]))))
		}
	}
	end := 0
	for _, e := range entries {
		end += len(e.word)
		data = le.AppendUint32(data, uint32(end))
	}
	for _, e := range entries {
		data = append(data, e.word...)
	}
	return data
}

// common returns the unit vector of what all texts share: the mean of a text of
// words drawn by their frequency. It is where the first principal component of the
// vectors of many texts points.
func common(entries []entry) []float64 {
	mean := make([]float64, dim)
	for _, e := range entries {
		frequency := smoothing/e.weight - smoothing
		for i, x := range e.vector {
			mean[i] += float64(frequency * e.weight * x)
		}
	}
	square := 0.0
	for _, x := range mean {
		square += float64(x * x)
	}
	for i := range mean {
		mean[i] /= math.Sqrt(square)
	}
	return mean
}
