package onnx

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/optimize"
)

// fake is a session that knows whether it was closed.
type fake struct {
	device device
	closed bool
}

func (f *fake) Close() error {
	f.closed = true
	return nil
}

func TestChoose(t *testing.T) {
	cuda, err := parseDevice("cuda")
	require.NoError(t, err)
	all := []device{cuda, mustDevice("coreml"), cpu}
	tests := map[string]struct {
		closed  []string // devices that cannot open the model
		failing []string // devices that cannot run it
		devices []device
		want    string
		refused []string
		trials  int
	}{
		"the first device works":            {nil, nil, all, "cuda:0", nil, 1},
		"the first cannot open it":          {[]string{"cuda:0"}, nil, all, "coreml", []string{"cuda:0"}, 1},
		"the first cannot run it":           {nil, []string{"cuda:0"}, all, "coreml", []string{"cuda:0"}, 2},
		"none but the last can open it":     {[]string{"cuda:0", "coreml"}, nil, all, "cpu", []string{"cuda:0", "coreml"}, 0},
		"no device can run the trial input": {nil, []string{"cuda:0", "coreml", "cpu"}, all, "cuda:0", nil, 3},
		"one cannot run it, one open it":    {[]string{"coreml"}, []string{"cuda:0"}, all, "cpu", []string{"coreml", "cuda:0"}, 2},
		"a single device is not tried":      {nil, []string{"cuda:0"}, all[:1], "cuda:0", nil, 0},
		"nobody can open it":                {[]string{"cuda:0", "coreml", "cpu"}, nil, all, "", []string{"cuda:0", "coreml", "cpu"}, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var opened []*fake
			trials := 0
			s, refused, err := choose(tt.devices, func(d device) (*fake, error) {
				for _, name := range tt.closed {
					if name == d.String() {
						return nil, quintet.ErrUnsupported
					}
				}
				opened = append(opened, &fake{device: d})
				return opened[len(opened)-1], nil
			}, func(f *fake) error {
				trials++
				for _, name := range tt.failing {
					if name == f.device.String() {
						return errors.New("no memory")
					}
				}
				return nil
			})
			var names []string
			for _, r := range refused {
				names = append(names, r.device.String())
			}
			require.Equal(t, tt.refused, names)
			require.Equal(t, tt.trials, trials)
			for _, f := range opened {
				require.Equal(t, f != s, f.closed, "all sessions but the chosen one are closed")
			}
			if tt.want == "" {
				require.ErrorIs(t, err, quintet.ErrUnsupported)
				require.ErrorContains(t, err, "cuda:0: ")
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, s.device.String())
		})
	}
}

func TestChain(t *testing.T) {
	found := func() []device { return []device{mustDevice("cuda:0"), cpu} }
	tests := map[string]struct {
		opt     Options
		session optimize.SessionOptions
		want    []string
	}{
		"what is there":             {Options{}, optimize.SessionOptions{}, []string{"cuda:0", "cpu"}},
		"the best of what is there": {Options{Strict: true}, optimize.SessionOptions{}, []string{"cuda:0"}},
		"what the backend names": {Options{Devices: []string{"cuda:1", "cpu"}}, optimize.SessionOptions{},
			[]string{"cuda:1", "cpu"}},
		"what the session names": {Options{}, optimize.SessionOptions{Device: "tensorrt"}, []string{"tensorrt:0", "cpu"}},
		"the session's first, then rest": {Options{Devices: []string{"cuda:1", "cpu"}}, optimize.SessionOptions{Device: "cpu"},
			[]string{"cpu", "cuda:1"}},
		"the session's and no other": {Options{}, optimize.SessionOptions{Device: "cuda:2", Strict: true}, []string{"cuda:2"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := tt.opt.withDefaults()
			require.NoError(t, err)
			devices, err := p.chain(tt.session, found)
			require.NoError(t, err)
			var names []string
			for _, d := range devices {
				names = append(names, d.String())
			}
			require.Equal(t, tt.want, names)
		})
	}
	_, err := plan{}.chain(optimize.SessionOptions{Device: "abacus"}, found)
	require.ErrorIs(t, err, quintet.ErrOption)
}

// Every float16 that is a number comes back from float32 as it was.
func TestHalfIsExact(t *testing.T) {
	for h := range 1 << 16 {
		x := onnxpb.HalfToFloat32(uint16(h))
		got := toHalf(x)
		if math.IsNaN(float64(x)) {
			require.True(t, math.IsNaN(float64(onnxpb.HalfToFloat32(uint16(got)))))
			continue
		}
		require.Equal(t, optimize.Half(h), got)
	}
	require.Equal(t, optimize.Half(0x7c00), toHalf(1e30))
	require.Equal(t, optimize.Half(0x8000), toHalf(-1e-30))
}
