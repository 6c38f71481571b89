package pgvector

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// Options configures [Open]. Dim and one of URL and Pool are required.
type Options struct {
	// URL says how to connect, as pgxpool.ParseConfig reads it, such as
	// postgres://user@host/database?pool_max_conns=8. The store has connections of
	// its own then, which its Close closes.
	URL string

	// Pool has the connections instead. It stays open when the store is closed.
	Pool *pgxpool.Pool

	// Table is the name of the table, behind that of its schema if need be. Indexes
	// and a table of versions are named after it. Default: quintet_items.
	Table []string

	// Tenant is whose items the store has: it does not see those of others in the
	// same table. Default: "", which is a tenant too.
	Tenant string

	// Dim is the number of floats of every vector, from 1 to [vector.MaxDim].
	Dim int

	// Metric says what near means. Hamming keeps vectors as bits. Default: Cosine.
	Metric vector.Metric

	// Quantization is None or F16, which keeps vectors as halfvec: half as large, of
	// three decimal digits, and no number above 65,504. Default: None.
	Quantization vector.Quantization

	// Index says whether the table has an HNSW index. Auto is HNSW if pgvector can
	// index vectors of Dim: up to 2,000 floats, 4,000 with F16. Default: Auto.
	Index vector.IndexKind

	// M is how many links a vector has in the index, from 2 to 100, and EfConstruction
	// how many candidates it chooses them from, from 2·M to 1,000. They count when
	// the index is made. Default: 16, and 64 or 2·M.
	M              int
	EfConstruction int

	// EfSearch is how many candidates a search keeps at first, at most 1,000.
	// Default: 64.
	EfSearch int

	// TextIndex keeps an index of the words of the items' texts, for queries with a
	// Text. It is made when a store with it is opened.
	TextIndex bool

	// TextConfig is the text search configuration that finds words. Default: english.
	TextConfig string

	// MetaIndex keeps an index of the metadata, for filters by [vector.Eq] and
	// [vector.In] that pass few items of many.
	MetaIndex bool

	// NoMigrate makes nothing in the database: what is missing is an error.
	NoMigrate bool

	// Observer is told of every call. Default: nobody.
	Observer quintet.Observer
}

const (
	maxName   = 50 // bytes of a table's name, so that those of indexes fit 63
	maxM      = 100
	maxEf     = 1000
	maxFloats = 2000 // that pgvector indexes
)

func (o Options) withDefaults() (Options, error) {
	if err := o.check(); err != nil {
		return o, fmt.Errorf("pgvector: %w", err)
	}
	if len(o.Table) == 0 {
		o.Table = []string{"quintet_items"}
	}
	if o.Index == vector.Auto {
		o.Index = vector.Flat
		if o.indexable() {
			o.Index = vector.HNSW
		}
	}
	o.M = cmp.Or(o.M, 16)
	o.EfConstruction = cmp.Or(o.EfConstruction, max(64, 2*o.M))
	o.EfSearch = cmp.Or(o.EfSearch, 64)
	o.TextConfig = cmp.Or(o.TextConfig, "english")
	if o.EfConstruction < 2*o.M {
		return o, fmt.Errorf("pgvector: EfConstruction is %d, want %d at least: %w", o.EfConstruction, 2*o.M, quintet.ErrOption)
	}
	return o, nil
}

func (o Options) check() error {
	wrong := func(format string, a ...any) error { return fmt.Errorf(format+": %w", append(a, quintet.ErrOption)...) }
	if err := (vector.Rules{Dim: o.Dim, Metric: o.Metric}).Check(); err != nil {
		return err
	}
	for _, part := range o.Table {
		if part == "" || len(part) > maxName || !isText(part) {
			return wrong("Table has the part %q, want 1 to %d bytes", part, maxName)
		}
	}
	switch {
	case (o.URL == "") == (o.Pool == nil):
		return wrong("want URL or Pool, and not both")
	case !isText(o.Tenant) || !isText(o.TextConfig):
		return wrong("Tenant or TextConfig is not UTF-8 or has a zero byte")
	case o.Quantization != vector.None && (o.Quantization != vector.F16 || o.Metric == vector.Hamming):
		return wrong("Quantization is %v, want none or f16, and none with hamming", o.Quantization)
	case o.Index < vector.Auto || o.Index > vector.HNSW:
		return wrong("unknown %v", o.Index)
	case o.Index == vector.HNSW && !o.indexable():
		return wrong("an index has no vectors of %d floats", o.Dim)
	case o.M < 0 || o.M == 1 || o.M > maxM:
		return wrong("M is %d, want 2 to %d", o.M, maxM)
	case o.EfConstruction < 0 || o.EfConstruction > maxEf:
		return wrong("EfConstruction is %d, limit %d", o.EfConstruction, maxEf)
	case o.EfSearch < 0 || o.EfSearch > maxEf:
		return wrong("EfSearch is %d, limit %d", o.EfSearch, maxEf)
	}
	return nil
}

func (o Options) indexable() bool {
	switch {
	case o.Metric == vector.Hamming:
		return true
	case o.Quantization == vector.F16:
		return o.Dim <= 2*maxFloats
	}
	return o.Dim <= maxFloats
}

func (o Options) rules() vector.Rules {
	return vector.Rules{Dim: o.Dim, Metric: o.Metric, TextIndex: o.TextIndex}
}

// names are those of what a store has in the database, quoted.
type names struct {
	table, versions         string
	hnsw, metaIndex, worded string // of indexes, without a schema, as SQL makes them
	schema                  []string
}

func (o Options) names() names {
	schema, name := o.Table[:len(o.Table)-1], o.Table[len(o.Table)-1]
	return names{
		table:     quoted(o.Table...),
		versions:  quoted(append(schema[:len(schema):len(schema)], name+"_versions")...),
		hnsw:      name + "_hnsw",
		metaIndex: name + "_meta",
		worded:    name + "_words",
		schema:    schema,
	}
}

// index returns the full name of an index.
func (n names) index(name string) string {
	return quoted(append(n.schema[:len(n.schema):len(n.schema)], name)...)
}

// quoted returns a name that is nothing but a name.
func quoted(parts ...string) string { return pgx.Identifier(parts).Sanitize() }

// literal returns a string as SQL for statements that take no parameters.
func literal(s string) string {
	s = strings.ReplaceAll(s, "'", "''")
	if strings.Contains(s, `\`) {
		return "E'" + strings.ReplaceAll(s, `\`, `\\`) + "'"
	}
	return "'" + s + "'"
}
