package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
)

const dim = 100

// vector is a word vector of length unit, in whole numbers so that what is made
// of it is the same on every machine.
type vector [dim]int16

const unit = 8192

// wordVectors are the first vectors of a file, most frequent word first.
type wordVectors struct {
	words   []string
	vectors []vector
}

// readVectors reads the first n vectors of the JSON file of wink-embeddings: an
// object whose member "vectors" maps each word to its numbers.
func readVectors(r io.Reader, n int) (wordVectors, error) {
	var out wordVectors
	in := bufio.NewReaderSize(r, 1<<20)
	if err := skipPast(in, `"vectors":{`); err != nil {
		return out, err
	}
	for len(out.words) < n {
		row, err := readRow(in)
		if err != nil {
			return out, fmt.Errorf("vector %d: %w", len(out.words), err)
		}
		end := bytes.LastIndex(row, []byte(`":[`))
		word, err := strconv.Unquote(string(row[:end+1]))
		if err != nil {
			return out, fmt.Errorf("word %q: %w", row[:end+1], err)
		}
		v, err := parseVector(row[end+3 : len(row)-1])
		if err != nil {
			return out, fmt.Errorf("word %q: %w", word, err)
		}
		out.words, out.vectors = append(out.words, word), append(out.vectors, v)
	}
	return out, nil
}

// readRow reads a word in quotes, a colon and numbers in brackets.
func readRow(in *bufio.Reader) (row []byte, err error) {
	for !bytes.Contains(row, []byte(`":[`)) { // a word can have a bracket
		part, err := in.ReadBytes(']')
		if err != nil {
			return nil, err
		}
		row = append(row, part...)
	}
	return bytes.TrimPrefix(row, []byte(",")), nil
}

// skipPast reads up to the end of the first mark.
func skipPast(in *bufio.Reader, mark string) error {
	for matched := 0; matched < len(mark); {
		b, err := in.ReadByte()
		if err != nil {
			return fmt.Errorf("no %s: %w", mark, err)
		}
		switch b {
		case mark[matched]:
			matched++
		case mark[0]:
			matched = 1
		default:
			matched = 0
		}
	}
	return nil
}

// parseVector reads numbers with commas between and scales them to length unit.
// Each operation rounds by itself: no two may be fused into one.
func parseVector(row []byte) (v vector, err error) {
	var x [dim]int64
	sum := int64(0)
	for i := range dim {
		field, rest, _ := bytes.Cut(row, []byte(","))
		f, err := strconv.ParseFloat(string(field), 64)
		if err != nil {
			return v, err
		}
		x[i] = int64(math.Round(f * 1e6))
		sum += x[i] * x[i]
		row = rest
	}
	length := root(sum)
	for i := range x {
		v[i] = int16(x[i] * unit / max(length, 1))
	}
	return v, nil
}
