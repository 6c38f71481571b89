package vector_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

type tenants = vector.Tenants[string]

var tenantOptions = vector.TenantsOptions{
	Collection: vector.Options{Dim: 1, Metric: vector.L2, Sync: vector.SyncNever},
	MaxOpen:    3,
}

func openTenants(t testing.TB, dir string, o vector.TenantsOptions) *tenants {
	t.Helper()
	ts, err := vector.OpenTenants[string](dir, o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ts.Close()) })
	return ts
}

// bothTenants are a set in memory and one on disk.
func bothTenants(t *testing.T, do func(t *testing.T, ts *tenants)) {
	t.Run("in memory", func(t *testing.T) {
		ts, err := vector.NewTenants[string](tenantOptions)
		require.NoError(t, err)
		defer ts.Close()
		do(t, ts)
	})
	t.Run("on disk", func(t *testing.T) { do(t, openTenants(t, t.TempDir(), tenantOptions)) })
}

func add(t testing.TB, ts *tenants, name string, ids ...string) {
	t.Helper()
	require.NoError(t, ts.Use(t.Context(), name, func(c *vector.Collection[string]) error {
		for i, id := range ids {
			upsert(t, c, item{ID: id, Vector: []float32{float32(i)}})
		}
		return nil
	}))
}

func holds(t testing.TB, ts *tenants, name string, want ...string) {
	t.Helper()
	require.NoError(t, ts.Use(t.Context(), name, func(c *vector.Collection[string]) error {
		var got []string
		for _, it := range all(t, c) {
			got = append(got, it.ID)
		}
		require.Equal(t, want, got)
		return nil
	}))
}

func names(t testing.TB, ts *tenants) []string {
	t.Helper()
	got, err := ts.Names(t.Context())
	require.NoError(t, err)
	return got
}

// hostile are names that a file system, a URL or a C string would take for others.
func hostile() []string {
	return []string{
		"", ".", "..", "/", "a/b", "../a", `a\b`, "\x00", "a\x00b", "A", "a", "a ", "a.", "_", "_41", "con", "NUL",
		"ä", "a\u0308", "K", "\u212a", "\xff", "t-a", "lock", "drop-1", "tenant", "-", "a:b", "*", "%41", "~",
		strings.Repeat("x", 1024), strings.Repeat("x", 1023) + "X", strings.Repeat("/", 118),
		strings.Repeat("y", 118), strings.Repeat("y", 119), strings.Repeat("\x00", vector.MaxTenantName),
	}
}

func TestTenantsAreApartWhateverTheirNames(t *testing.T) {
	bothTenants(t, func(t *testing.T, ts *tenants) {
		require.Empty(t, names(t, ts))
		for i, name := range hostile() {
			add(t, ts, name, fmt.Sprint(i))
		}
		for i, name := range hostile() {
			holds(t, ts, name, fmt.Sprint(i))
		}
		want := hostile()
		slices.Sort(want)
		require.Equal(t, want, names(t, ts))

		was, err := ts.Drop(t.Context(), "a")
		require.NoError(t, err)
		require.True(t, was)
		require.NotContains(t, names(t, ts), "a")
		holds(t, ts, "a")
		holds(t, ts, "A", fmt.Sprint(slices.Index(hostile(), "A")))
	})
}

func TestTenantsStayInTheirDirectory(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "tenants")
	ts := openTenants(t, dir, tenantOptions)
	for _, name := range hostile() {
		add(t, ts, name, "x")
	}
	entries, err := os.ReadDir(parent)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	entries, err = os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, len(hostile())+1, "one for each, and the lock")
	folded := map[string]bool{}
	for _, e := range entries {
		require.Regexp(t, `^(lock|[th]-[a-z0-9_-]*)$`, e.Name())
		require.LessOrEqual(t, len(e.Name()), 120)
		folded[strings.ToLower(e.Name())] = true
	}
	require.Len(t, folded, len(entries))
}

func TestTheTenantUsedLongestAgoIsClosedAndKeepsItsItems(t *testing.T) {
	dir := t.TempDir()
	ts := openTenants(t, dir, tenantOptions)
	for _, name := range []string{"a", "b", "c"} {
		add(t, ts, name, "in "+name)
	}
	require.Equal(t, []string{"a", "b", "c"}, vector.OpenNames(ts))
	holds(t, ts, "a", "in a")
	add(t, ts, "d", "in d")
	require.Equal(t, []string{"a", "c", "d"}, vector.OpenNames(ts), "b was used longest ago")
	holds(t, ts, "b", "in b")
	require.Equal(t, []string{"a", "b", "d"}, vector.OpenNames(ts))

	require.NoError(t, ts.Close())
	ts = openTenants(t, dir, tenantOptions)
	require.Empty(t, vector.OpenNames(ts), "opened when used")
	require.Equal(t, []string{"a", "b", "c", "d"}, names(t, ts))
	for _, name := range names(t, ts) {
		holds(t, ts, name, "in "+name)
	}
}

func TestTenantsInMemoryAreNeverClosed(t *testing.T) {
	o := tenantOptions
	o.MaxOpen = 1
	ts, err := vector.NewTenants[string](o)
	require.NoError(t, err)
	for i := range 10 {
		add(t, ts, fmt.Sprint(i), fmt.Sprint("in ", i))
	}
	for i := range 10 {
		holds(t, ts, fmt.Sprint(i), fmt.Sprint("in ", i))
	}
	require.NoError(t, ts.Close())
}

func TestACallWaitsForNoOtherTenant(t *testing.T) {
	bothTenants(t, func(t *testing.T, ts *tenants) {
		inside, done := make(chan struct{}), make(chan struct{})
		var long sync.WaitGroup
		long.Go(func() {
			err := ts.Use(context.Background(), "long", func(c *vector.Collection[string]) error {
				close(inside)
				<-done
				return c.Upsert(context.Background(), item{ID: "x", Vector: []float32{1}})
			})
			require.NoError(t, err)
		})
		<-inside
		for i := range 5 { // past MaxOpen
			add(t, ts, fmt.Sprint(i), "y")
		}
		was, err := ts.Drop(t.Context(), "3")
		require.NoError(t, err)
		require.True(t, was)
		require.Equal(t, []string{"0", "1", "2", "4", "long"}, names(t, ts))
		close(done)
		long.Wait()
		holds(t, ts, "long", "x")
	})
}

func TestDropWaitsForTheCallsOfItsTenant(t *testing.T) {
	bothTenants(t, func(t *testing.T, ts *tenants) {
		add(t, ts, "a", "old")
		var dropped, later sync.WaitGroup
		err := ts.Use(t.Context(), "a", func(c *vector.Collection[string]) error {
			ctx, cancel := context.WithCancel(t.Context())
			cut := make(chan error)
			go func() { _, err := ts.Drop(ctx, "a"); cut <- err }()
			until(func() bool { return vector.Claimed(ts, "a") })
			cancel()
			require.ErrorIs(t, <-cut, context.Canceled)
			require.False(t, vector.Claimed(ts, "a"))

			dropped.Go(func() {
				was, err := ts.Drop(context.Background(), "a")
				require.NoError(t, err)
				require.True(t, was)
			})
			until(func() bool { return vector.Claimed(ts, "a") })
			later.Go(func() { holds(t, ts, "a") })
			upsert(t, c, item{ID: "during", Vector: []float32{1}})
			require.Equal(t, 2, c.Len())
			return nil
		})
		require.NoError(t, err)
		dropped.Wait()
		later.Wait()
		was, err := ts.Drop(t.Context(), "never was")
		require.NoError(t, err)
		require.False(t, was)
		require.Equal(t, []string{"a"}, names(t, ts))
	})
}

func until(ok func() bool) {
	for !ok() {
		runtime.Gosched()
	}
}

func TestMoreTenantsInUseThanMayBeOpenAreRefused(t *testing.T) {
	ts := openTenants(t, t.TempDir(), tenantOptions)
	var nest func(depth int) error
	nest = func(depth int) error {
		return ts.Use(t.Context(), fmt.Sprint(depth), func(*vector.Collection[string]) error {
			return nest(depth + 1)
		})
	}
	err := nest(0)
	require.ErrorIs(t, err, quintet.ErrBusy)
	require.ErrorContains(t, err, "vector.Use: 3 tenants are in use")
	add(t, ts, "another", "x")
}

// TestTenantsUnderConcurrentUse has more tenants than may be open at a time. Each
// writer owns some IDs, so it knows what must be there unless a tenant was dropped.
func TestTenantsUnderConcurrentUse(t *testing.T) {
	const writers, steps = 3, 150
	o := tenantOptions
	o.MaxOpen = 4
	dir := t.TempDir()
	ts := openTenants(t, dir, o)
	var written [6]atomic.Int64
	together(writers, func(w int) {
		rng := rand.New(rand.NewPCG(uint64(w), 5))
		for i := range steps {
			tenant := rng.IntN(6)
			name := fmt.Sprint(tenant)
			switch op := rng.IntN(20); {
			case op == 0:
				_, err := ts.Drop(context.Background(), "dropped")
				require.NoError(t, err)
			case op < 3:
				err := ts.Use(context.Background(), "dropped", func(c *vector.Collection[string]) error {
					return c.Upsert(context.Background(), item{ID: "x", Vector: []float32{1}})
				})
				require.NoError(t, err)
			case op == 3:
				_, err := ts.Names(context.Background())
				require.NoError(t, err)
			default:
				err := ts.Use(context.Background(), name, func(c *vector.Collection[string]) error {
					id := fmt.Sprint(name, " ", w, " ", i)
					written[tenant].Add(1)
					return c.Upsert(context.Background(), item{ID: id, Vector: []float32{float32(i)}})
				})
				require.NoError(t, err)
			}
		}
	})
	require.LessOrEqual(t, len(vector.OpenNames(ts)), o.MaxOpen)
	for i := range written {
		require.NoError(t, ts.Use(t.Context(), fmt.Sprint(i), func(c *vector.Collection[string]) error {
			require.Equal(t, int(written[i].Load()), c.Len())
			return nil
		}))
	}
}

func TestWhatACrashLeavesOfTenantsIsCleared(t *testing.T) {
	dir := t.TempDir()
	long := strings.Repeat("L", 300)
	ts := openTenants(t, dir, tenantOptions)
	add(t, ts, "kept", "x")
	add(t, ts, long, "y")
	require.NoError(t, ts.Close())

	path := func(elem ...string) string { return filepath.Join(append([]string{dir}, elem...)...) }
	begun := vector.TenantDir(strings.Repeat("M", 300))
	require.NoError(t, os.MkdirAll(path("drop-1", "deep"), 0o700))
	require.NoError(t, os.WriteFile(path("drop-1", "00000000000000000001.log"), []byte("x"), 0o600))
	require.NoError(t, os.Mkdir(path(begun), 0o700))
	require.NoError(t, os.WriteFile(path(begun, "tenant.tmp"), []byte("MM"), 0o600))
	require.NoError(t, os.Mkdir(path("t-made"), 0o700)) // before its log
	require.NoError(t, os.Mkdir(path("t-Upper"), 0o700))
	require.NoError(t, os.WriteFile(path("t-file"), nil, 0o600))

	ts = openTenants(t, dir, tenantOptions)
	require.NoDirExists(t, path("drop-1"))
	require.Equal(t, []string{long, "kept", "made"}, names(t, ts))
	holds(t, ts, "kept", "x")
	holds(t, ts, long, "y")
	holds(t, ts, "made")
	holds(t, ts, strings.Repeat("M", 300))
	require.Len(t, names(t, ts), 4)

	require.NoError(t, os.WriteFile(path(begun, "tenant"), []byte("N"), 0o600))
	_, err := ts.Names(t.Context())
	require.ErrorIs(t, err, vector.ErrCorrupt)
	require.ErrorContains(t, err, begun)
}

func TestADirectoryOfTenantsIsOpenOnce(t *testing.T) {
	dir := t.TempDir()
	ts := openTenants(t, dir, tenantOptions)
	_, err := vector.OpenTenants[string](dir, tenantOptions)
	require.ErrorIs(t, err, quintet.ErrBusy)
	require.NoError(t, ts.Close())
	openTenants(t, dir, tenantOptions)
}

func TestATenantThatCannotBeOpenedHarmsNoOther(t *testing.T) {
	dir := t.TempDir()
	ts := openTenants(t, dir, tenantOptions)
	add(t, ts, "good", "x")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "t-bad"), nil, 0o600))
	for range 2 {
		err := ts.Use(t.Context(), "bad", nil)
		var e *quintet.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, "vector.Use", e.Op)
	}
	holds(t, ts, "good", "x")
}

func TestBadCallsOfTenantsAreRefused(t *testing.T) {
	_, err := vector.NewTenants[string](vector.TenantsOptions{})
	require.ErrorIs(t, err, quintet.ErrOption)
	o := tenantOptions
	o.MaxOpen = -1
	_, err = vector.OpenTenants[string](t.TempDir(), o)
	require.ErrorIs(t, err, quintet.ErrOption)

	bothTenants(t, func(t *testing.T, ts *tenants) {
		long := strings.Repeat("x", vector.MaxTenantName+1)
		require.ErrorIs(t, ts.Use(t.Context(), long, nil), quintet.ErrInput)
		_, err := ts.Drop(t.Context(), long)
		require.ErrorIs(t, err, quintet.ErrInput)

		mine := errors.New("mine")
		err = ts.Use(t.Context(), "a", func(*vector.Collection[string]) error { return mine })
		require.Equal(t, mine, err)

		ended, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, ts.Use(ended, "a", nil), context.Canceled)
		_, err = ts.Names(ended)
		require.ErrorIs(t, err, context.Canceled)

		require.NoError(t, ts.Close())
		require.NoError(t, ts.Close())
		require.ErrorIs(t, ts.Use(t.Context(), "a", nil), quintet.ErrClosed)
		_, err = ts.Names(t.Context())
		require.ErrorIs(t, err, quintet.ErrClosed)
		_, err = ts.Drop(t.Context(), "a")
		require.ErrorIs(t, err, quintet.ErrClosed)
	})
}

// FuzzTenantDirectories states that a directory is a portable file name, tells the
// name unless it is a hash, and that no other directory tells the same name.
func FuzzTenantDirectories(f *testing.F) {
	for _, name := range hostile() {
		f.Add(name)
	}
	f.Add("t-_4g")
	f.Add("t-_4")
	f.Fuzz(func(t *testing.T, s string) {
		dir := vector.TenantDir(s)
		if len(dir) < 2 || len(dir) > 120 || strings.Trim(dir, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Fatalf("%q has directory %q", s, dir)
		}
		name, ok := vector.TenantOf(dir)
		if ok != strings.HasPrefix(dir, "t-") || ok && name != s {
			t.Fatalf("%q has directory %q, which tells %q, %v", s, dir, name, ok)
		}
		if name, ok := vector.TenantOf(s); ok && vector.TenantDir(name) != s {
			t.Fatalf("directory %q tells %q, whose directory is %q", s, name, vector.TenantDir(name))
		}
	})
}

func ExampleTenants() {
	ctx := context.Background()
	ts, err := vector.NewTenants[string](vector.TenantsOptions{Collection: vector.Options{Dim: 2}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ts.Close()
	for _, customer := range []string{"Ann & Co.", "Bob/Söhne"} {
		err := ts.Use(ctx, customer, func(c *vector.Collection[string]) error {
			return c.Upsert(ctx, vector.Item[string]{ID: "letter of " + customer, Vector: []float32{1, 1}})
		})
		if err != nil {
			fmt.Println(err)
		}
	}
	err = ts.Use(ctx, "Bob/Söhne", func(c *vector.Collection[string]) error {
		hits, err := c.Search(ctx, vector.Query{Vector: []float32{1, 0}})
		for _, h := range hits {
			fmt.Printf("%s %.2f\n", h.ID, h.Score)
		}
		return err
	})
	names, _ := ts.Names(ctx)
	fmt.Println(names, err)
	// Output:
	// letter of Bob/Söhne 0.71
	// [Ann & Co. Bob/Söhne] <nil>
}
