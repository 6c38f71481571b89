package audit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/wal"
)

// ErrBroken says that a log is not as it was written. It wraps [quintet.ErrInput].
var ErrBroken = fmt.Errorf("audit log is broken: %w", quintet.ErrInput)

// Fault is where a log is broken. It wraps [ErrBroken].
type Fault struct {
	File string // its name; empty for a reader
	Line int    // in the file, from 1 on
	Why  string // for people
}

// Error prints file, line and reason.
func (f *Fault) Error() string { return fmt.Sprintf("%s:%d: %s: %v", f.File, f.Line, f.Why, ErrBroken) }

// Unwrap returns [ErrBroken].
func (f *Fault) Unwrap() error { return ErrBroken }

// VerifyOptions configures [Verify] and [VerifyReader].
type VerifyOptions struct {
	// Key is that of the log.
	Key []byte

	// From is the record before the first, for a log whose first files were removed:
	// the Last of the last file that was. Default: the log begins with its first
	// record.
	From Anchor

	// Head is what [Log.Head] said at some time: that record must still be there.
	// Default: none, and a log that was cut off at the end is not found.
	Head Anchor
}

// Report is what a log has.
type Report struct {
	Records uint64 // how many
	Last    Anchor // the last one
	Dropped uint64 // events that the log says were lost
	Torn    int64  // bytes of half a record at the end, as a crash leaves it, or a writer at work

	// Files are those of a folder, oldest first.
	Files []FileReport
}

// FileReport is what a file of a log has.
type FileReport struct {
	Name    string // in the folder
	Records uint64 // how many
	Last    Anchor // the last one, or that of the file before
}

// verifier reads files one after the other.
type verifier struct {
	opt    VerifyOptions
	chain  *chain
	report Report
}

func newVerifier(o VerifyOptions) (*verifier, error) {
	if o.Head != (Anchor{}) && o.Head.Seq < o.From.Seq {
		return nil, fmt.Errorf("head %d of a log from record %d on: %w", o.Head.Seq, o.From.Seq, quintet.ErrOption)
	}
	return &verifier{opt: o, chain: newChain(o.Key, o.From)}, nil
}

// Verify reads all of a log in a folder. The report is of the records before a
// [Fault], which is the error if something is wrong with the log.
func Verify(dir string, o VerifyOptions) (Report, error) {
	v, err := newVerifier(o)
	if err != nil {
		return Report{}, err
	}
	names, err := wal.OS{}.ReadDir(dir)
	if err != nil {
		return Report{}, err
	}
	for _, name := range logFiles(names) {
		if v.report.Torn > 0 {
			last := v.report.Files[len(v.report.Files)-1]
			return v.report, &Fault{last.Name, int(last.Records) + 1, "the file ends within a record"}
		}
		if err := v.file(dir, name); err != nil {
			return v.report, err
		}
	}
	return v.report, v.end()
}

func (v *verifier) file(dir, name string) error {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	defer f.Close()
	before := v.report.Records
	err = v.read(f, name)
	v.report.Files = append(v.report.Files, FileReport{name, v.report.Records - before, v.chain.at})
	return err
}

// VerifyReader reads a log as one stream, such as its files one after the other.
func VerifyReader(r io.Reader, o VerifyOptions) (Report, error) {
	v, err := newVerifier(o)
	if err != nil {
		return Report{}, err
	}
	if err := v.read(r, ""); err != nil {
		return v.report, err
	}
	return v.report, v.end()
}

func (v *verifier) read(r io.Reader, name string) error {
	n := 0
	for line, err := range lines(r) {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			v.report.Torn = int64(len(line))
			return nil
		}
		n++
		if errors.Is(err, bufio.ErrTooLong) {
			return &Fault{name, n, "the line is longer than a record can be"}
		}
		if err != nil {
			return err
		}
		record, why := v.chain.next(line)
		if why == "" && record.Seq == v.opt.Head.Seq && record.Hash != v.opt.Head.Hash {
			why = fmt.Sprintf("record %d is not that of the anchor", record.Seq)
		}
		if why != "" {
			return &Fault{name, n, why}
		}
		v.report.Records++
		v.report.Dropped += record.Dropped
		v.report.Last = v.chain.at
	}
	return nil
}

// end checks what only the end of a log shows.
func (v *verifier) end() error {
	if head := v.opt.Head; head.Seq > v.chain.at.Seq {
		why := fmt.Sprintf("the log ends with record %d, the anchor is record %d", v.chain.at.Seq, head.Seq)
		f := &Fault{Line: 1, Why: why}
		if n := len(v.report.Files); n > 0 {
			f.File, f.Line = v.report.Files[n-1].Name, int(v.report.Files[n-1].Records)+1
		}
		return f
	}
	return nil
}
