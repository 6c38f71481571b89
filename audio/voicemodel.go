package audio

import (
	"context"
	_ "embed" // the model
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

//go:generate go run ./models/gen

// sileroVAD is Silero VAD v6 for 16 kHz; see models/README.md.
//
//go:embed models/silero_vad_v6_16k.onnx
var sileroVAD []byte

// What the model sees, in samples at voiceRate.
const (
	voiceRate    = 16000
	voiceHop     = 512 // from one frame to the next
	voiceContext = 64  // samples before a frame; without them the model never hears speech
	voiceWindow  = voiceContext + voiceHop
	voiceState   = 128 // numbers of each of its two states
	voiceBlock   = 32  // frames of one run: more are not faster
)

// voiceModel is the loaded model. It is safe for concurrent use.
type voiceModel struct{ session optimize.Session }

func openVoiceModel(ctx context.Context, rt *optimize.Runtime, o optimize.SessionOptions) (*voiceModel, error) {
	if o.Device == "" {
		o.Device = "cpu"
	}
	session, err := openSession(ctx, rt, optimize.ModelBytes(sileroVAD), o)
	if err != nil {
		return nil, err
	}
	return &voiceModel{session}, nil
}

func (m *voiceModel) close() error { return m.session.Close() }

// voiceMemory is what the model remembers of the sound so far.
type voiceMemory struct{ h, c optimize.Tensor }

// run appends the probabilities of n frames, whose windows are in input, to dst and
// moves the memory on.
func (m *voiceModel) run(ctx context.Context, dst, input []float32, n int, v *voiceMemory) ([]float32, error) {
	x, err := optimize.NewTensor(input, n, voiceWindow)
	if err != nil {
		return dst, err
	}
	out, err := m.session.Run(ctx, []optimize.Tensor{x, v.h, v.c})
	if err != nil {
		return dst, err
	}
	p, err := optimize.Data[float32](out[0])
	if err != nil || len(p) != n {
		return dst, fmt.Errorf("speech model gave %v for %d frames: %w", out[0], n, quintet.ErrModel)
	}
	v.h, v.c = out[1], out[2]
	return append(dst, p...), nil
}
