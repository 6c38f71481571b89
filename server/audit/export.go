package audit

import (
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"github.com/quintet-ai/quintet/internal/wal"
	"github.com/quintet-ai/quintet/server/auth"
)

// ExportOptions configures [Export].
type ExportOptions struct {
	// SubjectKey is that of the log, if it has one. Records from before it had one
	// are found too.
	SubjectKey []byte
}

// Export yields the records of a subject in a tenant, oldest first: what it did and what
// was done to it. It does not check the chain, and ends with the first error.
func Export(dir string, who auth.Principal, o ExportOptions) iter.Seq2[Record, error] {
	names := []string{who.Subject}
	if len(o.SubjectKey) > 0 {
		names = append(names, Pseudonym(o.SubjectKey, who))
	}
	return func(yield func(Record, error) bool) {
		for r, err := range records(dir) {
			mine := err == nil && r.Event.Principal.Tenant == clipText(who.Tenant) &&
				(slices.Contains(names, r.Event.Principal.Subject) || slices.Contains(names, r.Event.About))
			if (err != nil || mine) && !yield(r, err) {
				return
			}
		}
	}
}

// Export writes what is pending, then yields the records of a subject as [Export] does.
func (l *Log) Export(who auth.Principal) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		if err := l.Flush(); err != nil {
			yield(Record{}, err)
			return
		}
		Export(l.dir, who, ExportOptions{SubjectKey: l.opt.SubjectKey})(yield)
	}
}

// records yields all records of a folder, or one error.
func records(dir string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		names, err := wal.OS{}.ReadDir(dir)
		if err != nil {
			yield(Record{}, err)
			return
		}
		for _, name := range logFiles(names) {
			if !recordsOf(filepath.Join(dir, name), yield) {
				return
			}
		}
	}
}

// recordsOf reports whether the walk should go on.
func recordsOf(path string, yield func(Record, error) bool) bool {
	f, err := os.Open(path)
	if err != nil {
		yield(Record{}, err)
		return false
	}
	defer f.Close()
	n := 0
	for line, err := range lines(f) {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return true // half a record at the end
		}
		n++
		var r Record
		if err == nil {
			err = json.Unmarshal(line, &r)
		}
		if err != nil {
			yield(Record{}, &Fault{filepath.Base(path), n, "the line is no record: " + err.Error()})
			return false
		}
		if !yield(r, nil) {
			return false
		}
	}
	return true
}
