package hub

import "time"

// Progress says how far a fetch is. Files that were there already count as done.
type Progress struct {
	File      string // under way, or just done
	Bytes     int64  // of File on disk; less than before when it starts over
	Size      int64  // of File, -1 while unknown
	Files     int    // that are done
	AllFiles  int    // of the fetch
	AllBytes  int64  // on disk, of all files
	AllSize   int64  // of all files, -1 while the size of one is unknown
	Completed bool   // File is done
}

// meter keeps the figures of a fetch and reports them, but not too often.
type meter struct {
	report func(Progress)
	names  []string
	sizes  map[string]int64
	bytes  map[string]int64
	done   int
	last   time.Time
}

const reportEvery = 100 * time.Millisecond

func newMeter(report func(Progress), wanted []File) *meter {
	m := &meter{report: report, sizes: map[string]int64{}, bytes: map[string]int64{}}
	for _, f := range wanted {
		m.names = append(m.names, f.Name)
		m.sizes[f.Name] = f.Size
	}
	return m
}

// others returns the bytes of all files but name.
func (m *meter) others(name string) (sum int64) {
	for n, b := range m.bytes {
		if n != name {
			sum += b
		}
	}
	return sum
}

// moved notes that bytes of name, of size, are on disk.
func (m *meter) moved(name string, bytes, size int64) {
	m.bytes[name], m.sizes[name] = bytes, size
	if m.report != nil && time.Since(m.last) >= reportEvery {
		m.tell(name, false)
	}
}

// completed notes that name is done.
func (m *meter) completed(name string, size int64) {
	m.bytes[name], m.sizes[name] = size, size
	m.done++
	if m.report != nil {
		m.tell(name, true)
	}
}

func (m *meter) tell(name string, completed bool) {
	m.last = time.Now()
	p := Progress{
		File: name, Bytes: m.bytes[name], Size: m.sizes[name],
		Files: m.done, AllFiles: len(m.names), Completed: completed,
	}
	for _, n := range m.names {
		p.AllBytes += m.bytes[n]
		if m.sizes[n] < 0 || p.AllSize < 0 {
			p.AllSize = -1
			continue
		}
		p.AllSize += m.sizes[n]
	}
	m.report(p)
}
