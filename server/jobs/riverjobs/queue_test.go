//go:build unix

package riverjobs_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/server/jobs"
	"github.com/quintet-ai/quintet/server/jobs/jobtest"
	"github.com/quintet-ai/quintet/server/jobs/riverjobs"
)

func TestPostgreSQL(t *testing.T) {
	s := start(t)
	t.Run("a queue of one process", func(t *testing.T) {
		jobtest.Queue(t, func(t *testing.T) jobs.Queue {
			q, err := riverjobs.Open(t.Context(), s.way(t).Options)
			require.NoError(t, err)
			return q
		})
	})
	t.Run("a queue of two processes", func(t *testing.T) {
		jobtest.Shared(t, func(t *testing.T) (a, b jobs.Queue) {
			o := s.way(t).Options
			a, err := riverjobs.Open(t.Context(), o)
			require.NoError(t, err)
			b, err = riverjobs.Open(t.Context(), o)
			require.NoError(t, err)
			return a, b
		})
	})
	for name, part := range map[string]func(*testing.T, *way){
		"a full queue is busy":                           full,
		"finished jobs are bounded":                      bounded,
		"nothing of a forgotten owner is left":           forgotten,
		"a job whose ticket got lost runs":               lost,
		"text that is no text is kept":                   odd,
		"tables are made in a schema of their own":       schema,
		"a server that hangs or is gone is no wait":      unavailable,
		"outcomes are noted when the server is back":     away,
		"workers in several processes share the work":    shared,
		"jobs of a killed worker run elsewhere":          killed,
		"a job that kills every worker fails in the end": deadly,
	} {
		t.Run(name, func(t *testing.T) { part(t, s.way(t)) })
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for name, o := range map[string]riverjobs.Options{
		"negative timeout": {Timeout: -1}, "negative poll": {Poll: -1}, "negative bound": {MaxJobs: -1},
		"a quote": {Name: `a"b`}, "a blank": {Schema: "a-b"}, "a digit first": {Schema: "1a"}, "a long name": {Name: strings.Repeat("x", 101)},
		"no URL": {URL: "postgres://%zz"},
	} {
		_, err := riverjobs.Open(t.Context(), o)
		require.ErrorIs(t, err, quintet.ErrOption, name)
	}
	_, err := riverjobs.Open(t.Context(), riverjobs.Options{URL: "postgres://ann:hush@[::1"})
	require.ErrorIs(t, err, quintet.ErrOption)
	require.NotContains(t, err.Error(), "hush")
}

func full(t *testing.T, o *way) {
	o.MaxJobs = 2
	q := open(t, o.Options)
	for range 2 {
		_, err := q.Enqueue(t.Context(), jobs.Spec{Kind: "x"})
		require.NoError(t, err)
	}
	_, err := q.Enqueue(t.Context(), jobs.Spec{Kind: "x"})
	require.ErrorIs(t, err, quintet.ErrBusy)
	require.NotErrorIs(t, err, jobs.ErrUnavailable)
}

func bounded(t *testing.T, o *way) {
	o.MaxFinished = 1
	q := open(t, o.Options)
	var ids []string
	for range 3 {
		i, err := q.Enqueue(t.Context(), jobs.Spec{Kind: "x"})
		require.NoError(t, err)
		require.NoError(t, q.Cancel(t.Context(), "", i.ID))
		ids = append(ids, i.ID)
	}
	serve(t, q, instant(t))
	require.Eventually(t, func() bool {
		all, err := q.List(t.Context(), jobs.Filter{})
		return err == nil && len(all) == 1 && all[0].ID == ids[2]
	}, 60*time.Second, 10*time.Millisecond)
}

// look asks the database itself.
func look[T any](t *testing.T, o *way, sql string, values ...any) (v T) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), o.URL)
	require.NoError(t, err)
	defer c.Close(context.Background())
	require.NoError(t, c.QueryRow(t.Context(), sql, values...).Scan(&v))
	return v
}

func forgotten(t *testing.T, o *way) {
	q := open(t, o.Options)
	for n := range 50 {
		_, err := q.Enqueue(t.Context(), jobs.Spec{Kind: "x", Owner: "ann", UniqueKey: fmt.Sprint(n), Args: []byte(`"a secret of ann"`)})
		require.NoError(t, err)
	}
	n, err := q.Forget(t.Context(), "ann")
	require.NoError(t, err)
	require.Equal(t, 50, n)
	require.Zero(t, look[int](t, o, "SELECT count(*) FROM quintet_job WHERE queue = $1 AND owner = 'ann'", o.Name))
}

func lost(t *testing.T, o *way) {
	q := open(t, o.Options)
	i, err := q.Enqueue(t.Context(), jobs.Spec{Kind: "x"})
	require.NoError(t, err)
	require.Equal(t, 1, look[int](t, o, "WITH gone AS (DELETE FROM river_job WHERE queue = $1 RETURNING 1) SELECT count(*) FROM gone", o.Name))
	serve(t, q, instant(t))
	await(t, q, i.ID, jobs.Done)
}

func odd(t *testing.T, o *way) {
	q := open(t, o.Options)
	s := jobs.Spec{Kind: "k\x00\xff", Owner: "o\x00\xfe", UniqueKey: "u\x00\xfd", Args: []byte(`"\u0000"`)}
	i, err := q.Enqueue(t.Context(), s)
	require.NoError(t, err)
	other := s
	other.Owner = "o\x00\xfc"
	second, err := q.Enqueue(t.Context(), other)
	require.NoError(t, err)
	require.NotEqual(t, i.ID, second.ID)
	again, err := q.Enqueue(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, i.ID, again.ID)
	_, err = q.Get(t.Context(), other.Owner, i.ID)
	require.ErrorIs(t, err, jobs.ErrNotFound)
	got, err := q.Get(t.Context(), s.Owner, i.ID)
	require.NoError(t, err)
	require.Equal(t, string(s.Args), string(got.Args))
	for _, id := range []string{"\x00", "\xff", "'; DROP TABLE quintet_job; --"} {
		_, err = q.Get(t.Context(), "", id)
		require.ErrorIs(t, err, jobs.ErrNotFound)
	}
}

func schema(t *testing.T, o *way) {
	o.Schema = "its_Own"
	type result struct {
		q   *riverjobs.Queue
		err error
	}
	opened := make(chan result)
	for range 4 { // at a time
		go func() {
			q, err := riverjobs.Open(t.Context(), o.Options)
			opened <- result{q, err}
		}()
	}
	for range 4 {
		r := <-opened
		require.NoError(t, r.err)
		defer r.q.Close()
	}
	require.Equal(t, 1, look[int](t, o, `SELECT max(taken) FROM "its_Own".quintet_migration`))
	o.NoMigrate = true
	q := open(t, o.Options)
	i, err := q.Enqueue(t.Context(), jobs.Spec{Kind: "x"})
	require.NoError(t, err)
	serve(t, q, instant(t))
	await(t, q, i.ID, jobs.Done)
	require.Zero(t, look[int](t, o, "SELECT count(*) FROM quintet_job WHERE queue = $1", o.Name))
	o.Schema = "not_there"
	q = open(t, o.Options)
	_, err = q.Enqueue(t.Context(), jobs.Spec{Kind: "x"})
	require.ErrorIs(t, err, jobs.ErrUnavailable)
	require.ErrorContains(t, err, "does not exist")
}

// instant knows the kind x, which does nothing.
func instant(t testing.TB) *jobs.Mux {
	t.Helper()
	m := jobs.NewMux()
	err := jobs.Register(m, "x", func(context.Context, struct{}) (bool, error) { return true, nil }, jobs.KindOptions{})
	require.NoError(t, err)
	return m
}

// serve runs jobs until the test ends.
func serve(t testing.TB, q *riverjobs.Queue, m *jobs.Mux) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- q.Serve(ctx, m, jobs.ServeOptions{}) }()
	t.Cleanup(func() { stop(); require.NoError(t, <-ended) })
}

// await returns a job when it is in a state.
func await(t testing.TB, q *riverjobs.Queue, id string, want jobs.State) (i jobs.Info) {
	t.Helper()
	require.Eventually(t, func() bool {
		var err error
		i, err = q.Get(t.Context(), "", id)
		return err == nil && i.State == want
	}, 60*time.Second, 10*time.Millisecond, "job never was %s", want)
	return i
}
