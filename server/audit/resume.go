package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// resume goes on where the files end.
func (l *Log) resume() error {
	names, err := l.opt.files.ReadDir(l.dir)
	if err != nil {
		return err
	}
	names = logFiles(names)
	for i := len(names) - 1; i >= 0; i-- {
		records, whole, err := l.scan(names[i])
		if err != nil {
			return err
		}
		if cut := l.size - whole; cut > 0 {
			if err := l.file.Truncate(whole); err != nil {
				return err
			}
			l.torn += cut
			l.size = whole
		}
		if records > 0 {
			return nil
		}
		// A crash came before the first record of a file.
		if err := errors.Join(l.file.Close(), l.opt.files.Remove(filepath.Join(l.dir, names[i]))); err != nil {
			return err
		}
		l.file, l.size = nil, 0
	}
	return nil
}

// scan opens a file, checks its records and returns how many there are and where the
// last one ends.
func (l *Log) scan(name string) (records int, whole int64, err error) {
	if l.file, err = l.opt.files.Open(filepath.Join(l.dir, name), true); err != nil {
		return 0, 0, err
	}
	if l.size, err = l.file.Size(); err != nil {
		return 0, 0, err
	}
	for line, err := range lines(io.NewSectionReader(l.file, 0, l.size)) {
		why := ""
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			return records, whole, nil
		case errors.Is(err, bufio.ErrTooLong):
			why = "the line is longer than a record can be"
		case err != nil:
			return 0, 0, err
		default:
			why = l.check(line, records == 0)
		}
		if why != "" && bytes.IndexByte(line, 0) >= 0 {
			return records, whole, nil // no record has a zero: power failed before all of a batch was on disk
		}
		if why != "" {
			return 0, 0, &Fault{name, records + 1, why}
		}
		records++
		whole += int64(len(line)) + 1
	}
	return records, whole, nil
}

// check says why a line does not continue the log. Before the first line of a file
// that is unknown, and left to [Verify].
func (l *Log) check(line []byte, first bool) (why string) {
	if first {
		var r Record
		if err := json.Unmarshal(line, &r); err != nil || r.Seq == 0 {
			return "the line is no record"
		}
		l.chain.at = Anchor{}
		if r.Seq > 1 {
			l.chain.at = Anchor{r.Seq - 1, r.Prev}
		}
	}
	_, why = l.chain.next(line)
	return why
}

// fileName is that of the file that begins with a record.
func fileName(first uint64) string { return fmt.Sprintf("audit-%020d.jsonl", first) }

// isLogFile reports whether fileName made a name.
func isLogFile(name string) bool {
	digits, ok1 := strings.CutPrefix(name, "audit-")
	digits, ok2 := strings.CutSuffix(digits, ".jsonl")
	first, err := strconv.ParseUint(digits, 10, 64)
	return ok1 && ok2 && err == nil && name == fileName(first)
}

// logFiles returns those that are files of a log, oldest first.
func logFiles(names []string) []string {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !isLogFile(name) })
	slices.Sort(names)
	return names
}
