package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"iter"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/server/dashboard"
	"github.com/quintet-ai/quintet/server/jobs"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/vector"
	"github.com/quintet-ai/quintet/vision"
)

// service is a server with pipelines of every kind. Its jobs wait until work is called.
func service(t *testing.T) (s *server.Server, work func()) {
	t.Helper()
	embedder, err := text.NewEmbedder(text.EmbedderOptions{})
	require.NoError(t, err)
	vectors, err := vector.New[string](vector.Options{Dim: 384})
	require.NoError(t, err)
	queue, err := jobs.New(jobs.Options{})
	require.NoError(t, err)
	metrics, err := monitor.NewMetrics(monitor.MetricsOptions{})
	require.NoError(t, err)
	board, err := dashboard.New(dashboard.Options{Metrics: metrics})
	require.NoError(t, err)
	s, err = server.New(server.Pipelines{
		Text: &text.Options{}, Vision: &vision.Options{}, Audio: &audio.Options{}, Graph: &graph.Options{},
		Vectors: vectors, Embedder: embedder, Reranker: length{}, Jobs: queue, Kinds: []string{"text"},
		Models: map[string]optimize.Session{"same": same{}}, Transcriber: hello{}, Translator: hello{},
	}, server.Options{
		Logger: slog.New(slog.DiscardHandler), NoRate: true, Observer: metrics, Dashboard: board,
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {}),
	})
	require.NoError(t, err)
	mux := jobs.NewMux()
	require.NoError(t, s.RegisterJobs(mux))
	t.Cleanup(func() {
		require.NoError(t, errors.Join(board.Close(), queue.Close(), vectors.Close(), embedder.Close()))
	})
	return s, func() {
		ctx, stop := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- queue.Serve(ctx, mux, jobs.ServeOptions{}) }()
		t.Cleanup(func() { stop(); require.NoError(t, <-served) })
	}
}

// length scores a passage by its length.
type length struct{}

func (length) Run(_ context.Context, p text.Pair) (float64, error) {
	return float64(len(p.Passage)), nil
}

func (length) RunBatch(_ context.Context, all []text.Pair) ([]float64, error) {
	out := make([]float64, len(all))
	for i, p := range all {
		out[i] = float64(len(p.Passage))
	}
	return out, nil
}

func (length) Stream(context.Context, iter.Seq[text.Pair]) iter.Seq2[float64, error] { return nil }

func (length) Close() error { return nil }

// hello hears the same in every sound.
type hello struct{}

func (hello) Run(_ context.Context, c audio.Clip) (audio.Transcript, error) {
	return audio.Transcript{Language: "en", Duration: c.Duration(), Segments: []audio.TranscriptSegment{{End: time.Second, Text: "hello", Score: 1}}}, nil
}

func (hello) Listen(_ context.Context, sound iter.Seq[audio.Clip]) iter.Seq2[audio.TranscriptEvent, error] {
	return func(yield func(audio.TranscriptEvent, error) bool) {
		for range sound {
			if !yield(audio.TranscriptEvent{TranscriptSegment: audio.TranscriptSegment{Text: "hello"}, Final: true}, nil) {
				return
			}
		}
	}
}

// same is a model whose output is its input.
type same struct{}

func (same) Inputs() []optimize.TensorInfo {
	return []optimize.TensorInfo{{Name: "x", DType: optimize.Float32, Shape: []int{-1}}}
}

func (same) Outputs() []optimize.TensorInfo {
	return []optimize.TensorInfo{{Name: "y", DType: optimize.Float32, Shape: []int{-1}}}
}

func (same) Device() string { return "cpu" }

func (same) Run(_ context.Context, in []optimize.Tensor) ([]optimize.Tensor, error) {
	return []optimize.Tensor{in[0].Clone()}, nil
}

func (same) Close() error { return nil }

// picture is a small one of the format PNG.
func picture(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30))))
	return b.String()
}

// sound is a second of silence of the format WAV.
func sound(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	clip := audio.Clip{Rate: 16000, Channels: 1, Samples: make([]float32, 16000)}
	require.NoError(t, audio.EncodeWAV(&b, clip, audio.PCM16))
	return b.String()
}
