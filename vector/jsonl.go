package vector

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"unicode/utf8"

	"github.com/quintet-ai/quintet"
)

// maxLine is the longest line of a JSONL file.
const maxLine = 16 << 20

// ImportJSONL adds the items of r, one JSON object a line with the fields id and
// vector and perhaps meta, text and sparse, to a store. It returns how many are in: on an
// error, those of the lines before or fewer. The error names the line; its cause
// is [quintet.ErrInput] or what the store or r returned. Lines have at most 16
// MiB. Of meta, numbers become int64 if they are whole, else uint64 or float64,
// and lists hold strings. Progress, which may be nil, is called between batches.
func ImportJSONL[K Key](ctx context.Context, s Store[K], r io.Reader, progress func(Progress)) (int, error) {
	im, err := newImporter(ctx, s, r, "line", progress)
	if err != nil {
		return 0, fail("ImportJSONL", -1, err)
	}
	lines := bufio.NewScanner(im.r)
	lines.Buffer(nil, maxLine)
	n, err := im.run(func() error { return im.line(lines) })
	if err != nil {
		return n, fail("ImportJSONL", -1, err)
	}
	return n, nil
}

func (im *importer[K]) line(lines *bufio.Scanner) error {
	if !lines.Scan() {
		err := lines.Err()
		switch {
		case err == nil:
			return io.EOF
		case errors.Is(err, bufio.ErrTooLong):
			return fmt.Errorf("longer than %d bytes: %w", maxLine, quintet.ErrInput)
		}
		return err
	}
	line := lines.Bytes()
	im.at += int64(len(line)) + 1
	if len(bytes.TrimSpace(line)) == 0 {
		return nil
	}
	it, err := parseItem[K](line)
	if err != nil {
		return fmt.Errorf("%w: %w", err, quintet.ErrInput)
	}
	return im.add(it)
}

// jsonItem is an item before its numbers are. A null in a vector is an empty
// Number, which is none.
type jsonItem[K Key] struct {
	ID     *K             `json:"id"`
	Vector []json.Number  `json:"vector"`
	Meta   map[string]any `json:"meta"`
	Text   string         `json:"text"`
	Sparse struct {
		Indices []json.Number `json:"indices"`
		Values  []json.Number `json:"values"`
	} `json:"sparse"`
}

func parseItem[K Key](line []byte) (it Item[K], err error) {
	var j jsonItem[K]
	if !utf8.Valid(line) {
		return it, errors.New("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	d.DisallowUnknownFields()
	if err := d.Decode(&j); err != nil {
		return it, err
	}
	if _, err := d.Token(); err != io.EOF {
		return it, errors.New("more than one value")
	}
	if j.ID == nil {
		return it, errors.New("no id")
	}
	it = Item[K]{ID: *j.ID, Text: j.Text, Vector: make([]float32, len(j.Vector))}
	if err := parseFloats(it.Vector, j.Vector); err != nil {
		return it, fmt.Errorf("vector: %w", err)
	}
	if it.Sparse, err = parseSparse(j.Sparse.Indices, j.Sparse.Values); err != nil {
		return it, fmt.Errorf("sparse: %w", err)
	}
	it.Meta, err = parseMeta(j.Meta)
	return it, err
}

func parseFloats(to []float32, numbers []json.Number) error {
	for i, n := range numbers {
		x, err := strconv.ParseFloat(n.String(), 32)
		if err != nil {
			return err
		}
		to[i] = float32(x)
	}
	return nil
}

func parseSparse(indices, values []json.Number) (s Sparse, err error) {
	if len(indices)+len(values) == 0 {
		return s, nil
	}
	s = Sparse{Indices: make([]uint32, len(indices)), Values: make([]float32, len(values))}
	for i, n := range indices {
		index, err := strconv.ParseUint(n.String(), 10, 32)
		if err != nil {
			return s, err
		}
		s.Indices[i] = uint32(index)
	}
	return s, parseFloats(s.Values, values)
}

func parseMeta(fields map[string]any) (Meta, error) {
	if len(fields) == 0 {
		return nil, nil
	}
	m := Meta{}
	for field, v := range fields {
		switch v := v.(type) {
		case string, bool:
			m[field] = v
		case json.Number:
			n, err := parseNumber(v.String())
			if err != nil {
				return nil, fmt.Errorf("meta %q: %w", field, err)
			}
			m[field] = n
		case []any:
			list := []string{}
			for _, e := range v {
				s, ok := e.(string)
				if !ok {
					return nil, fmt.Errorf("meta %q: list holds more than strings", field)
				}
				list = append(list, s)
			}
			m[field] = list
		default:
			return nil, fmt.Errorf("meta %q is an object or null", field)
		}
	}
	return m, nil
}

func parseNumber(s string) (any, error) {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i, nil
	}
	if u, err := strconv.ParseUint(s, 10, 64); err == nil {
		return u, nil
	}
	return strconv.ParseFloat(s, 64)
}

// ExportJSONL writes items, such as those of [Collection.All], for [ImportJSONL]
// and returns how many. Times in Meta become strings, as RFC 3339 has them. What
// JSON cannot hold, infinite numbers and strings that are not UTF-8, is refused
// with [quintet.ErrInput]. Progress, which may be nil, is called every 256 items
// and at the end.
func ExportJSONL[K Key](w io.Writer, items iter.Seq2[Item[K], error], progress func(Progress)) (int, error) {
	ex := newExporter(w, progress)
	for it, err := range items {
		if err == nil {
			err = writeItem(ex, it)
		}
		if err == nil {
			err = ex.wrote()
		}
		if err != nil {
			return ex.p.Items, fail("ExportJSONL", -1, cause(err))
		}
	}
	if err := ex.finish(); err != nil {
		return ex.p.Items, fail("ExportJSONL", -1, err)
	}
	return ex.p.Items, nil
}

func writeItem[K Key](w io.Writer, it Item[K]) error {
	valid := utf8.ValidString(fmt.Sprint(it.ID)) && utf8.ValidString(it.Text)
	for field, v := range it.Meta {
		valid = valid && utf8.ValidString(field)
		switch v := v.(type) {
		case string:
			valid = valid && utf8.ValidString(v)
		case []string:
			for _, s := range v {
				valid = valid && utf8.ValidString(s)
			}
		}
	}
	if !valid {
		return fmt.Errorf("item %v is not UTF-8: %w", it.ID, quintet.ErrInput)
	}
	line, err := json.Marshal(it)
	if err != nil {
		return fmt.Errorf("item %v: %w: %w", it.ID, err, quintet.ErrInput)
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
