package cloudstore

import (
	"time"

	"github.com/quintet-ai/quintet/optimize/hub"
)

// meter adds up how far the files of a call are, and reports it, but not too often.
type meter struct {
	report func(hub.Progress)
	files  int // done
	all    int
	bytes  int64 // of files that are done
	size   int64 // of all files, -1 if unknown
	last   time.Time
}

const reportEvery = 100 * time.Millisecond

func newMeter(report func(hub.Progress), files int, size int64) *meter {
	return &meter{report: report, all: files, size: size}
}

// moved notes that bytes of a file, of size, are there.
func (m *meter) moved(name string, bytes, size int64) {
	if time.Since(m.last) >= reportEvery {
		m.tell(hub.Progress{File: name, Bytes: bytes, Size: size, AllBytes: m.bytes + bytes})
	}
}

// done notes that a file is there.
func (m *meter) done(name string, size int64) {
	m.files++
	m.bytes += size
	m.tell(hub.Progress{File: name, Bytes: size, Size: size, AllBytes: m.bytes, Completed: true})
}

func (m *meter) tell(p hub.Progress) {
	m.last = time.Now()
	p.Files, p.AllFiles, p.AllSize = m.files, m.all, m.size
	if m.all == 1 {
		p.AllSize = p.Size
	}
	m.report(p)
}
