package pgvector

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgtype"
	pgv "github.com/pgvector/pgvector-go"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// isText reports whether a database in UTF-8 can hold s.
func isText(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// element is how the table keeps a vector.
type element struct {
	name   string // of the type
	column string // with its length
	class  string // of operators, for an index
	op     string // that gives the Distance
}

func (o Options) element() element {
	e := element{name: "vector"}
	switch {
	case o.Metric == vector.Hamming:
		e.name = "bit"
	case o.Quantization == vector.F16:
		e.name = "halfvec"
	}
	e.column = fmt.Sprintf("%s(%d)", e.name, o.Dim)
	switch o.Metric {
	case vector.Cosine:
		e.op, e.class = "<=>", e.name+"_cosine_ops"
	case vector.Dot:
		e.op, e.class = "<#>", e.name+"_ip_ops"
	case vector.L2:
		e.op, e.class = "<->", e.name+"_l2_ops"
	default:
		e.op, e.class = "<~>", e.name+"_hamming_ops"
	}
	return e
}

// maxHalf is where rounding to 16 bits becomes infinity.
const maxHalf = 65520

// checkFloats refuses what the type cannot hold.
func (e element) checkFloats(v []float32) error {
	if e.name != "halfvec" {
		return nil
	}
	for i, x := range v {
		if math.Abs(float64(x)) >= maxHalf {
			return fmt.Errorf("vector has %v at %d, more than 16 bits hold: %w", x, i, quintet.ErrInput)
		}
	}
	return nil
}

// param returns a vector for a statement.
func (e element) param(v []float32) any {
	switch e.name {
	case "halfvec":
		return pgv.NewHalfVector(v)
	case "bit":
		b := pgtype.Bits{Bytes: make([]byte, (len(v)+7)/8), Len: int32(len(v)), Valid: true}
		for i, x := range v {
			if x != 0 {
				b.Bytes[i/8] |= 0x80 >> (i % 8)
			}
		}
		return b
	}
	return pgv.NewVector(v)
}

// floats reads a vector of the element's type.
type floats struct {
	element
	whole pgv.Vector
	half  pgv.HalfVector
	bits  pgtype.Bits
}

// target is what a row is scanned into.
func (f *floats) target() any {
	switch f.name {
	case "halfvec":
		return &f.half
	case "bit":
		return &f.bits
	}
	return &f.whole
}

func (f *floats) vector() []float32 {
	switch f.name {
	case "halfvec":
		return f.half.Slice()
	case "bit":
		v := make([]float32, f.bits.Len)
		for i := range v {
			v[i] = float32(f.bits.Bytes[i/8] >> (7 - i%8) & 1)
		}
		return v
	}
	return f.whole.Slice()
}

const (
	sparseDim = 1_000_000_000 // the largest of pgvector
	maxSparse = 16_000        // so is this
)

// sparseParam returns a sparse vector for a statement, nil if it is none.
func sparseParam(s vector.Sparse) (any, error) {
	if len(s.Indices) == 0 {
		return nil, nil
	}
	elements := make(map[int32]float32, len(s.Indices))
	for i, at := range s.Indices {
		if at >= sparseDim {
			return nil, fmt.Errorf("sparse vector has index %d, limit %d: %w", at, sparseDim-1, quintet.ErrInput)
		}
		if s.Values[i] != 0 {
			elements[int32(at)] = s.Values[i]
		}
	}
	if len(elements) > maxSparse {
		return nil, fmt.Errorf("sparse vector has %d values, limit %d: %w", len(elements), maxSparse, quintet.ErrInput)
	}
	return pgv.NewSparseVectorFromMap(elements, sparseDim), nil
}

func sparseOf(v *pgv.SparseVector) (s vector.Sparse) {
	if v == nil || len(v.Indices()) == 0 {
		return s
	}
	for _, at := range v.Indices() {
		s.Indices = append(s.Indices, uint32(at))
	}
	s.Values = v.Values()
	return s
}

// keyCodec writes keys to the database and reads them: strings as text, numbers as
// bigint, in which a uint64 above its range is negative.
type keyCodec[K vector.Key] struct{ kind reflect.Kind }

func newKeyCodec[K vector.Key]() keyCodec[K] { return keyCodec[K]{reflect.TypeFor[K]().Kind()} }

// column is the type of the keys' column.
func (c keyCodec[K]) column() string {
	if c.kind == reflect.String {
		return "text"
	}
	return "bigint"
}

func (c keyCodec[K]) param(k K) (any, error) {
	switch v := reflect.ValueOf(k); c.kind {
	case reflect.String:
		if !isText(v.String()) {
			return nil, fmt.Errorf("key %q is not UTF-8 or has a zero byte: %w", v.String(), quintet.ErrInput)
		}
		return v.String(), nil
	case reflect.Uint64:
		return int64(v.Uint()), nil
	default:
		return v.Int(), nil
	}
}

// keyScan is what the key of a row is scanned into.
type keyScan struct {
	text   string
	number int64
}

func (c keyCodec[K]) target(s *keyScan) any {
	if c.kind == reflect.String {
		return &s.text
	}
	return &s.number
}

func (c keyCodec[K]) key(s *keyScan) (k K, err error) {
	switch v := reflect.ValueOf(&k).Elem(); c.kind {
	case reflect.String:
		v.SetString(s.text)
	case reflect.Uint64:
		v.SetUint(uint64(s.number))
	default:
		if v.OverflowInt(s.number) {
			return k, fmt.Errorf("key %d does not fit an int: %w", s.number, quintet.ErrInput)
		}
		v.SetInt(s.number)
	}
	return k, nil
}

// params returns keys as one parameter. Those that no store has are left out.
func (c keyCodec[K]) params(ks []K) (any, error) {
	var texts []string
	var numbers []int64
	for _, k := range ks {
		p, err := c.param(k)
		if err != nil {
			continue
		}
		switch p := p.(type) {
		case string:
			texts = append(texts, p)
		case int64:
			numbers = append(numbers, p)
		}
	}
	if c.kind == reflect.String {
		return texts, nil
	}
	return numbers, nil
}
