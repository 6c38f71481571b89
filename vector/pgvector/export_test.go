package pgvector

import (
	"encoding/json"

	"github.com/quintet-ai/quintet/vector"
)

// FilterSQL returns the condition of a filter and its parameters.
func FilterSQL(f vector.Filter) (string, []any, error) {
	var s statement
	sql, err := s.filter(f)
	return sql, s.args, err
}

// StatementOf returns the first statement of a query and its parameters.
func (s *Store[K]) StatementOf(q vector.Query) (string, []any, error) {
	p, err := s.plan(q)
	if err != nil {
		return "", nil, err
	}
	return p.parts[0].sql.String(), p.parts[0].args, nil
}

// NumberOf is how metadata has a float.
func NumberOf(f float64) json.Number { return number(f) }

// RoundTrip returns metadata as it comes back from what is stored.
func RoundTrip(m vector.Meta) (vector.Meta, error) {
	meta, types, err := encodeMeta(m)
	if err != nil {
		return nil, err
	}
	var b []byte
	if types != nil {
		b = []byte(types.(string))
	}
	return decodeMeta([]byte(meta), b)
}

// Older reports whether a version of pgvector is too old.
var Older = older
