package audit_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/wal/faultfs"
	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/server/audit"
	"github.com/quintet-ai/quintet/server/auth"
)

var (
	key        = []byte("key of the chain, 32 bytes long.")
	subjectKey = []byte("key of the names, 32 bytes long.")
	noon       = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	silent     = slog.New(slog.DiscardHandler)
)

var _ server.Auditor = (*audit.Log)(nil)

func event(i int) audit.Event {
	return audit.Event{
		At: noon.Add(time.Duration(i) * time.Second), Route: "POST /api/v1/text/process", Path: fmt.Sprint("/", i),
		Principal: auth.Principal{Subject: []string{"ann", "bob", ""}[i%3], Tenant: "acme", Method: "jwt"}, Status: 200,
		Remote: "192.0.2.7", RequestID: fmt.Sprint("r", i), Permission: "text:process",
	}
}

func open(t *testing.T, dir string, o audit.Options) *audit.Log {
	t.Helper()
	o.Logger = silent
	l, err := audit.Open(dir, o)
	require.NoError(t, err)
	return l
}

// written returns a folder with a log of n events in files of about maxBytes, and its
// head.
func written(t *testing.T, n int, o audit.Options) (dir string, head audit.Anchor) {
	t.Helper()
	dir = t.TempDir()
	o.NoSync = true
	l := open(t, dir, o)
	for i := range n {
		l.Audit(event(i))
		if i%3 == 2 {
			require.NoError(t, l.Flush()) // batches make files
		}
	}
	require.NoError(t, l.Close())
	return dir, l.Head()
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "audit-*.jsonl"))
	require.NoError(t, err)
	return names
}

func TestLogIsWholeAcrossFilesAndRestarts(t *testing.T) {
	o := audit.Options{Key: key, MaxBytes: 2000, NoSync: true}
	dir, head := written(t, 30, o)
	for i := range 5 {
		l := open(t, dir, o)
		require.Equal(t, head, l.Head())
		l.Audit(event(100 + i))
		require.NoError(t, l.Flush())
		head = l.Head()
		require.NoError(t, l.Close())
		require.NoError(t, l.Close(), "twice")
	}
	require.Greater(t, len(files(t, dir)), 3)
	r, err := audit.Verify(dir, audit.VerifyOptions{Key: key, Head: head})
	require.NoError(t, err)
	require.EqualValues(t, 35, r.Records)
	require.Equal(t, head, r.Last)
	require.Len(t, r.Files, len(files(t, dir)))
	require.Zero(t, r.Dropped)

	var all bytes.Buffer
	for _, name := range files(t, dir) {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		all.Write(b)
	}
	again, err := audit.VerifyReader(bytes.NewReader(all.Bytes()), audit.VerifyOptions{Key: key, Head: head})
	require.NoError(t, err)
	require.Equal(t, r.Last, again.Last)
	_, err = audit.VerifyReader(bytes.NewReader(all.Bytes()), audit.VerifyOptions{Key: subjectKey})
	require.ErrorIs(t, err, audit.ErrBroken, "another key")

	require.NoError(t, os.Remove(files(t, dir)[0]))
	_, err = audit.Verify(dir, audit.VerifyOptions{Key: key})
	require.ErrorIs(t, err, audit.ErrBroken, "the first file is gone")
	_, err = audit.Verify(dir, audit.VerifyOptions{Key: key, From: r.Files[0].Last, Head: head})
	require.NoError(t, err, "and was removed on purpose")
	_, err = audit.Verify(dir, audit.VerifyOptions{Key: key, From: head, Head: r.Files[0].Last})
	require.ErrorIs(t, err, quintet.ErrOption)
}

func TestEveryChangeIsFound(t *testing.T) {
	dir, head := written(t, 9, audit.Options{Key: key})
	whole, err := os.ReadFile(files(t, dir)[0])
	require.NoError(t, err)
	lines := slices.Collect(strings.Lines(string(whole)))
	require.Len(t, lines, 9)
	join := func(parts ...[]string) string { return strings.Join(slices.Concat(parts...), "") }
	forged := `{"seq":10,"prev":"` + head.Hash + `","event":{}}`
	sum := sha256.Sum256([]byte(forged))
	forged = forged[:len(forged)-1] + `,"hash":"` + hex.EncodeToString(sum[:]) + "\"}\n"
	for name, c := range map[string]struct {
		log  string
		line int
		why  string
	}{
		"a record changed":          {strings.Replace(string(whole), `"path":"/4"`, `"path":"/5"`, 1), 5, "changed"},
		"a record out":              {join(lines[:4], lines[5:]), 5, "record 6 follows record 4"},
		"the first record out":      {join(lines[1:]), 1, "record 2 follows record 0"},
		"two records swapped":       {join(lines[:3], lines[4:5], lines[3:4], lines[5:]), 4, "record 5 follows record 3"},
		"a record twice":            {join(lines[:4], lines[3:]), 5, "record 4 follows record 4"},
		"cut within a record":       {join(lines[:4]) + lines[4][:50] + join(lines[5:]), 5, "changed"},
		"cut in the middle":         {string(whole[:len(whole)/2]) + string(whole[len(whole)/2+40:]), 5, ""},
		"a line that is none":       {join(lines[:2], []string{"hello\n"}, lines[2:]), 3, "no record"},
		"an empty line":             {join(lines[:2], []string{"\n"}, lines[2:]), 3, "no record"},
		"an endless line":           {join(lines[:2]) + strings.Repeat("x", 2<<20), 3, "longer"},
		"a record without the key":  {string(whole) + forged, 10, "changed"},
		"the hash in capitals":      {join(lines[:8]) + strings.Replace(lines[8], head.Hash, strings.ToUpper(head.Hash), 1), 9, "changed"},
		"the last record out":       {join(lines[:8]), 1, "ends with record 8, the anchor is record 9"},
		"nothing left":              {"", 1, "ends with record 0"},
		"half of the last is there": {string(whole[:len(whole)-1]), 1, "ends with record 8"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := audit.VerifyReader(strings.NewReader(c.log), audit.VerifyOptions{Key: key, Head: head})
			var f *audit.Fault
			require.ErrorAs(t, err, &f)
			require.ErrorIs(t, err, quintet.ErrInput)
			require.Equal(t, c.line, f.Line)
			require.Contains(t, f.Why, c.why)
		})
	}
	for at := range whole { // every byte, every time another bit
		changed := bytes.Clone(whole)
		changed[at] ^= 1 << (at % 8)
		_, err := audit.VerifyReader(bytes.NewReader(changed), audit.VerifyOptions{Key: key, Head: head})
		require.ErrorIs(t, err, audit.ErrBroken, "byte %d", at)
	}
	_, err = audit.VerifyReader(strings.NewReader(join(lines[:8])), audit.VerifyOptions{Key: key})
	require.NoError(t, err, "only the anchor shows that the end is missing, as the package says")
	_, err = audit.VerifyReader(bytes.NewReader(whole), audit.VerifyOptions{Key: key, Head: audit.Anchor{Seq: 3, Hash: head.Hash}})
	require.ErrorContains(t, err, "not that of the anchor")
}

func TestFaultNamesFileAndLine(t *testing.T) {
	dir, _ := written(t, 20, audit.Options{MaxBytes: 1000})
	names := files(t, dir)
	second, err := os.ReadFile(names[1])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(names[1], bytes.Replace(second, []byte(`"status":200`), []byte(`"status":500`), 1), 0o600))
	_, err = audit.Verify(dir, audit.VerifyOptions{})
	var f *audit.Fault
	require.ErrorAs(t, err, &f)
	require.Equal(t, filepath.Base(names[1]), f.File)
	require.Equal(t, 1, f.Line)

	require.NoError(t, os.WriteFile(names[1], second[:len(second)-9], 0o600))
	_, err = audit.Verify(dir, audit.VerifyOptions{})
	require.ErrorAs(t, err, &f)
	require.Equal(t, filepath.Base(names[1]), f.File)
	require.Contains(t, f.Why, "ends within a record")

	require.NoError(t, os.Remove(names[1]))
	_, err = audit.Verify(dir, audit.VerifyOptions{})
	require.ErrorAs(t, err, &f)
	require.Equal(t, filepath.Base(names[2]), f.File)
	require.Equal(t, 1, f.Line)

	last := names[len(names)-1]
	b, err := os.ReadFile(last)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(last, bytes.Replace(b, []byte(`200`), []byte(`500`), 1), 0o600))
	_, err = audit.Open(dir, audit.Options{})
	require.ErrorIs(t, err, audit.ErrBroken, "a log that was changed is not continued")
	_, err = audit.Verify(filepath.Join(dir, "none"), audit.VerifyOptions{})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestHalfARecordOfACrashIsCutOffAndTold(t *testing.T) {
	for _, n := range []int{5, 1} { // in the last file there are others, or not
		dir, head := written(t, n, audit.Options{Key: key})
		name := files(t, dir)[0]
		whole, err := os.ReadFile(name)
		require.NoError(t, err)
		half := append(bytes.Clone(whole), whole[:100]...)
		if n == 1 {
			half, head = whole[:100], audit.Anchor{}
		}
		require.NoError(t, os.WriteFile(name, half, 0o600))
		r, err := audit.Verify(dir, audit.VerifyOptions{Key: key})
		require.NoError(t, err)
		require.EqualValues(t, 100, r.Torn)
		l := open(t, dir, audit.Options{Key: key})
		require.Equal(t, head, l.Head())
		l.Audit(event(1))
		require.NoError(t, l.Close())
		r, err = audit.Verify(dir, audit.VerifyOptions{Key: key, Head: l.Head()})
		require.NoError(t, err)
		require.Zero(t, r.Torn)
		var last audit.Record
		for rec, err := range audit.Export(dir, event(1).Principal, audit.ExportOptions{}) {
			require.NoError(t, err)
			last = rec
		}
		require.EqualValues(t, 100, last.Torn)
	}
}

// onDisk puts the files of a file system in memory where Verify finds them.
func onDisk(t *testing.T, fs *faultfs.FS) string {
	t.Helper()
	dir := t.TempDir()
	for name, b := range fs.Files() {
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(name)), b, 0o600))
	}
	return dir
}

func TestFullDiskKeepsEventsUpToABoundAndCountsTheRest(t *testing.T) {
	fs := faultfs.New()
	l := open(t, "log", audit.Options{Key: key, Pending: 50, MaxBytes: 3000, Retry: time.Hour}.On(fs))
	for i := range 10 {
		l.Audit(event(i))
	}
	require.NoError(t, l.Flush())
	fs.Space(700) // a record and a half
	for i := range 80 {
		l.Audit(event(10 + i))
	}
	require.Error(t, l.Flush())
	s := l.Stats()
	require.Error(t, s.Err)
	require.EqualValues(t, 10, s.Records)
	require.Equal(t, 50, s.Pending)
	require.EqualValues(t, 30, s.Dropped)
	fs.Space(-1)
	require.NoError(t, l.Flush())
	require.NoError(t, l.Stats().Err)
	l.Audit(event(90))
	require.NoError(t, l.Close())
	l.Audit(event(91))
	require.EqualValues(t, 31, l.Stats().Dropped, "after Close")

	r, err := audit.Verify(onDisk(t, fs), audit.VerifyOptions{Key: key, Head: l.Head()})
	require.NoError(t, err)
	require.EqualValues(t, 61, r.Records)
	require.EqualValues(t, 30, r.Dropped, "the log itself says that some are missing")
}

func TestLogTriesAgainByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs := faultfs.New()
		fs.Space(0)
		l := open(t, "log", audit.Options{Retry: time.Minute}.On(fs))
		l.Audit(event(1))
		synctest.Wait()
		require.Error(t, l.Stats().Err)
		fs.Space(-1)
		l.Audit(event(2))
		synctest.Wait()
		require.Zero(t, l.Stats().Records, "not for every event")
		time.Sleep(time.Minute) // of the bubble
		synctest.Wait()
		require.EqualValues(t, 2, l.Stats().Records)
		require.NoError(t, l.Close())
	})
}

func TestAuditNeverWaitsForTheDisk(t *testing.T) {
	fs, hung, reached := faultfs.New(), make(chan struct{}), make(chan struct{})
	l := open(t, "log", audit.Options{Pending: 10}.On(fs))
	var once sync.Once
	fs.Fail(func(op, _ string) error {
		if op == "write" {
			once.Do(func() { close(reached) })
			<-hung
		}
		return nil
	})
	l.Audit(event(0))
	<-reached
	for i := range 100 { // would never end
		l.Audit(event(i))
	}
	require.EqualValues(t, 91, l.Stats().Dropped)
	close(hung)
	require.NoError(t, l.Close())
}

func TestWhateverFailsTheLogIsWhole(t *testing.T) {
	for seed := range uint64(60) {
		rng, fs, flaw := rand.New(rand.NewPCG(seed, 1)), faultfs.New(), errors.New("flaw")
		var mu sync.Mutex
		faults := func(share float64) func(op, name string) error {
			return func(op, _ string) error {
				mu.Lock()
				defer mu.Unlock()
				if rng.Float64() < share && (op == "write" || op == "sync" || op == "create" || op == "syncdir") {
					return flaw
				}
				return nil
			}
		}
		o := audit.Options{Key: key, MaxBytes: 1500, Retry: time.Hour}.On(fs)
		l := open(t, "log", o)
		fs.Fail(faults(0.3))
		for i := range 40 {
			l.Audit(event(i))
			if i%4 == 0 {
				_ = l.Flush()
			}
		}
		fs.Fail(nil)
		require.NoError(t, l.Flush())
		r, err := audit.Verify(onDisk(t, fs), audit.VerifyOptions{Key: key, Head: l.Head()})
		require.NoError(t, err, "seed %d", seed)
		require.EqualValues(t, 40, r.Records, "seed %d", seed)
		require.NoError(t, l.Close())
	}
}

func TestPowerFailureLosesNothingThatWasFlushed(t *testing.T) {
	for seed := range uint64(100) {
		rng, fs := rand.New(rand.NewPCG(seed, 2)), faultfs.New()
		o := audit.Options{Key: key, MaxBytes: int64(1000 + rng.IntN(4000)), Retry: time.Hour}
		l := open(t, "log", o.On(fs))
		for i := range rng.IntN(20) {
			l.Audit(event(i))
			if rng.IntN(3) == 0 {
				require.NoError(t, l.Flush())
			}
		}
		require.NoError(t, l.Flush())
		head := l.Head()
		fs.Fail(func(op, _ string) error { // what is written now is not synced
			if op == "sync" {
				return io.ErrNoProgress
			}
			return nil
		})
		for i := range rng.IntN(20) {
			l.Audit(event(i))
		}
		_ = l.Flush()
		after := fs.Cut(rng)
		l2 := open(t, "log", o.On(after))
		require.GreaterOrEqual(t, l2.Head().Seq, head.Seq)
		l2.Audit(event(1))
		require.NoError(t, l2.Close())
		_, err := audit.Verify(onDisk(t, after), audit.VerifyOptions{Key: key, Head: head})
		require.NoError(t, err, "seed %d", seed)
		_ = l.Close() // its disk is gone
	}
}

func TestSubjectsAreHiddenByTheirKeyAndFoundByIt(t *testing.T) {
	dir, _ := written(t, 6, audit.Options{Key: key})
	l := open(t, dir, audit.Options{Key: key, SubjectKey: subjectKey})
	for i := 6; i < 12; i++ {
		e := event(i)
		if i == 9 {
			e.Remote = "2001:db8:1:2::3"
		}
		l.Audit(e)
	}
	l.Audit(audit.Event{Principal: auth.Principal{Subject: "ann", Tenant: "other"}, Remote: "unknown"})
	require.NoError(t, l.Close())
	b, err := os.ReadFile(files(t, dir)[0])
	require.NoError(t, err)
	hidden := strings.Join(slices.Collect(strings.Lines(string(b)))[6:], "")
	require.NotContains(t, hidden, "ann")
	require.NotContains(t, hidden, "192.0.2.7")
	require.Contains(t, hidden, "192.0.2.0/24")
	require.Contains(t, hidden, "2001:db8:1::/48")
	ann := auth.Principal{Subject: "ann", Tenant: "acme"}
	seqs := func(o audit.ExportOptions) (all []uint64) {
		for r, err := range audit.Export(dir, ann, o) {
			require.NoError(t, err)
			all = append(all, r.Seq)
		}
		return all
	}
	require.Equal(t, []uint64{1, 4, 7, 10}, seqs(audit.ExportOptions{SubjectKey: subjectKey}))
	require.Equal(t, []uint64{1, 4}, seqs(audit.ExportOptions{}), "without the key nobody can tell")
	_, err = audit.Verify(dir, audit.VerifyOptions{Key: key, Head: l.Head()})
	require.NoError(t, err, "the chain needs no names")
}

func TestHostileEventsStayOneLineEach(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, audit.Options{Key: key})
	long := strings.Repeat("\x00<é", 1<<20)
	for _, e := range []audit.Event{
		{Path: "/\n{\"seq\":1}\n", RequestID: "\r\n"},
		{Path: "\xff\xfe", Principal: auth.Principal{Subject: `","hash":"`}},
		{Path: long, Route: long, Remote: long, Principal: auth.Principal{
			Subject: long, Tenant: long, Roles: slices.Repeat([]string{long}, 100), Scopes: slices.Repeat([]string{long}, 100),
		}},
		{At: time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		l.Audit(e)
	}
	require.NoError(t, l.Close())
	r, err := audit.Verify(dir, audit.VerifyOptions{Key: key, Head: l.Head()})
	require.NoError(t, err)
	require.EqualValues(t, 3, r.Records)
	require.EqualValues(t, 1, l.Stats().Dropped, "JSON has no year 12026")
	l = open(t, dir, audit.Options{Key: key})
	require.NoError(t, l.Close())
}

func TestUnfitOptionsAreRefused(t *testing.T) {
	for name, o := range map[string]audit.Options{
		"short key": {Key: key[:31]}, "empty key": {Key: []byte{}}, "short key of names": {SubjectKey: key[:31]},
		"one key for both": {Key: key, SubjectKey: key}, "negative file": {MaxBytes: -1}, "negative pending": {Pending: -1},
		"negative retry": {Retry: -1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := audit.Open(t.TempDir(), o)
			require.ErrorIs(t, err, quintet.ErrOption)
		})
	}
	dir := t.TempDir()
	l := open(t, dir, audit.Options{})
	_, err := audit.Open(dir, audit.Options{})
	require.ErrorIs(t, err, quintet.ErrBusy)
	require.NoError(t, l.Close())
}

// What verifies with the key and the anchor is the log that was written, or one that
// goes on after it.
func FuzzVerify(f *testing.F) {
	fs := faultfs.New()
	l, err := audit.Open("log", audit.Options{Key: key}.On(fs))
	if err != nil {
		f.Fatal(err)
	}
	for i := range 3 {
		l.Audit(event(i))
	}
	if err := l.Close(); err != nil {
		f.Fatal(err)
	}
	var whole []byte
	for _, name := range slices.Sorted(maps.Keys(fs.Files())) {
		whole = append(whole, fs.Files()[name]...)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add([]byte("\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := audit.VerifyReader(bytes.NewReader(b), audit.VerifyOptions{Key: key, Head: l.Head()})
		if err == nil && !bytes.HasPrefix(b, whole) {
			t.Fatalf("%q", b)
		}
		if err != nil && !errors.Is(err, audit.ErrBroken) {
			t.Fatal(err)
		}
	})
}

func BenchmarkAudit(b *testing.B) {
	for _, keyed := range []bool{false, true} {
		b.Run(fmt.Sprintf("subjectkey=%t", keyed), func(b *testing.B) {
			o := audit.Options{Key: key, Pending: 1 << 20, NoSync: true, Logger: silent}
			if keyed {
				o.SubjectKey = subjectKey
			}
			l, err := audit.Open(b.TempDir(), o)
			require.NoError(b, err)
			e := event(1)
			for b.Loop() {
				l.Audit(e)
			}
			require.NoError(b, l.Close())
			b.ReportMetric(float64(l.Stats().Dropped), "dropped")
		})
	}
}
