package hub_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize/hub"
)

// cut lets the first times requests get n bytes further each.
func cut(s *server, times, n int) trouble {
	return func(i int, w http.ResponseWriter, r *http.Request) bool {
		if i < times {
			s.file(&cutter{w, n}, r)
			return true
		}
		return false
	}
}

func TestFetchSurvives(t *testing.T) {
	data := blob(2, 1<<20)
	tests := map[string]struct {
		trouble  func(s *server) trouble
		requests int
		served   int64 // at most, in units of the file's size
	}{
		"connections cut again and again": {func(s *server) trouble {
			return cut(s, 4, 200_000)
		}, 5, 1},
		"a server that ignores ranges": {func(s *server) trouble {
			return func(i int, w http.ResponseWriter, r *http.Request) bool {
				r.Header.Del("Range")
				return cut(s, 1, 500_000)(i, w, r)
			}
		}, 2, 2},
		"too few bytes for the length": {func(*server) trouble {
			return func(i int, w http.ResponseWriter, _ *http.Request) bool {
				if i == 0 {
					w.Header().Set("Content-Length", "1048576")
					w.Header().Set("ETag", `"`+sum(data)[:8]+`"`)
					_, _ = w.Write(data[:1000])
				}
				return i == 0
			}
		}, 2, 1},
		"a length that is too short": {func(*server) trouble {
			return func(i int, w http.ResponseWriter, r *http.Request) bool {
				w.Header().Set("X-Linked-Size", "1048576")
				if i == 0 {
					w.Header().Set("Content-Length", "1000")
					w.Header().Set("ETag", `"`+sum(data)[:8]+`"`)
					_, _ = w.Write(data[:1000])
				}
				return i == 0
			}
		}, 2, 1},
		"a partial answer to a whole question": {func(*server) trouble {
			return func(i int, w http.ResponseWriter, r *http.Request) bool {
				if i == 0 {
					r.Header.Set("Range", "bytes=500-")
				}
				return false
			}
		}, 2, 2},
		"another range than asked for": {func(s *server) trouble {
			return func(i int, w http.ResponseWriter, r *http.Request) bool {
				if i == 1 {
					r.Header.Set("Range", "bytes=7-")
				}
				return cut(s, 1, 500_000)(i, w, r)
			}
		}, 3, 3},
		"answers 500, 429 and 503": {func(*server) trouble {
			return func(i int, w http.ResponseWriter, _ *http.Request) bool {
				if i < 3 {
					w.Header().Set("Retry-After", "0")
					w.WriteHeader([]int{500, 429, 503}[i])
				}
				return i < 3
			}
		}, 4, 1},
		"a range said to be beyond the end": {func(s *server) trouble {
			return func(i int, w http.ResponseWriter, r *http.Request) bool {
				if i == 1 {
					w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
				}
				return i == 1 || cut(s, 1, 500_000)(i, w, r)
			}
		}, 3, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string][]byte{"model.onnx": data})
			s.trouble = tt.trouble(s)
			dir, err := hub.Fetch(ctx, repo, s.options(t))
			require.NoError(t, err)
			require.Equal(t, map[string]string{"model.onnx": string(data)}, tree(t, dir))
			require.Len(t, s.asked("Range"), tt.requests)
			require.LessOrEqual(t, s.served.Load(), tt.served*int64(len(data)))
		})
	}
}

// A file that changes on the server must not be put together from both.
func TestFetchNeverMixesVersions(t *testing.T) {
	a, b := blob(3, 1<<20), blob(4, 1<<20)
	for name, ignoreIfRange := range map[string]bool{"server knows If-Range": false, "server ignores If-Range": true} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, map[string][]byte{"model.onnx": a})
			s.trouble = func(i int, w http.ResponseWriter, r *http.Request) bool {
				if i == 0 {
					defer func() {
						s.mu.Lock()
						defer s.mu.Unlock()
						s.files = map[string][]byte{"model.onnx": b}
					}()
					s.file(&cutter{w, 400_000}, r)
				}
				if ignoreIfRange {
					r.Header.Del("If-Range")
				}
				return false
			}
			o := s.options(t)
			dir, err := hub.Fetch(ctx, repo, o)
			require.NoError(t, err)
			require.Equal(t, map[string]string{"model.onnx": string(b)}, tree(t, dir))
			require.Equal(t, "bytes=400000-", s.asked("Range")[1])
		})
	}
}

func TestFetchOfAStalledServer(t *testing.T) {
	data := blob(6, 1<<20)
	release := make(chan struct{})
	s := serve(t, map[string][]byte{"model.onnx": data})
	s.trouble = func(i int, w http.ResponseWriter, r *http.Request) bool {
		if i > 0 {
			return false
		}
		w.Header().Set("Content-Length", "1048576")
		w.Header().Set("ETag", `"`+sum(data)[:8]+`"`)
		_, _ = w.Write(data[:300_000])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(release)
		return true
	}
	o := s.options(t)
	short, cancel := context.WithCancel(ctx)
	o.Progress = func(p hub.Progress) {
		if p.Bytes > 0 {
			cancel()
		}
	}
	_, err := hub.Fetch(short, repo, o)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, quintet.ErrModel)
	<-release

	o.Progress = nil
	_, err = hub.Fetch(ctx, repo, o) // goes on where it was
	require.NoError(t, err)
	require.NotEmpty(t, s.asked("Range")[1])
}

func TestFetchGivesAStalledConnectionUp(t *testing.T) {
	data := blob(7, 1<<20)
	s := serve(t, map[string][]byte{"model.onnx": data})
	s.trouble = func(i int, w http.ResponseWriter, r *http.Request) bool {
		if i == 0 {
			s.file(&cutter{w, 400_000}, r)
		}
		if i == 1 {
			<-r.Context().Done()
		}
		return i < 2
	}
	o := s.options(t)
	o.Stall = 200 * time.Millisecond
	dir, err := hub.Fetch(ctx, repo, o)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"model.onnx": string(data)}, tree(t, dir))
	require.Equal(t, []string{"", "bytes=400000-", "bytes=400000-"}, s.asked("Range"))
}

// A time limit of the caller's client cuts one request, not the fetch.
func TestFetchWithAClientThatTimesOut(t *testing.T) {
	data := blob(11, 1<<20)
	s := serve(t, map[string][]byte{"model.onnx": data})
	s.trouble = func(i int, w http.ResponseWriter, r *http.Request) bool {
		if i == 0 {
			<-r.Context().Done()
		}
		return i == 0
	}
	o := s.options(t)
	o.Client = &http.Client{Timeout: time.Second}
	_, err := hub.Fetch(ctx, repo, o)
	require.NoError(t, err)
	require.Len(t, s.paths(), 2)
}
