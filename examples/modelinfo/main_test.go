package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
)

func write(t *testing.T, m *onnxpb.Model) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.onnx")
	require.NoError(t, os.WriteFile(path, m.Append(nil), 0o600))
	return path
}

func TestAnEncoderIsDescribedTimedAndDrawn(t *testing.T) {
	path := write(t, testmodel.Encoder(testmodel.EncoderOptions{Layers: 1, Vocab: 100}))
	svg := filepath.Join(t.TempDir(), "run.svg")
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"-rounds", "2", "-svg", svg, "-shape", "input_ids=1,9",
		"-shape", "attention_mask=1,9", "-shape", "token_type_ids=1,9", path}, &out))
	for _, line := range []string{"input  input_ids int64[batch seq]", "output last_hidden_state", "ai.quintet.Attention",
		"float32[1 9 384]", "a run takes"} {
		require.Contains(t, out.String(), line)
	}
	picture, err := os.ReadFile(svg)
	require.NoError(t, err)
	for d := xml.NewDecoder(bytes.NewReader(picture)); err == nil; {
		_, err = d.Token()
	}
	require.ErrorIs(t, err, io.EOF, "the picture is no XML")
}

func TestWhatCannotRunIsNamed(t *testing.T) {
	b := onnxpb.NewBuilder("odd")
	b.Rename(b.Op("Frobnicate", b.Input("x", onnxpb.Float, onnxpb.FixedDim(3))), "y")
	b.Output("y", onnxpb.Float)
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), []string{write(t, b.Model(17))}, &out))
	require.Contains(t, out.String(), "cannot run: 1 nodes")
	require.Contains(t, out.String(), "Frobnicate-17 of float32")
}

func TestArgumentsAreChecked(t *testing.T) {
	for name, args := range map[string][]string{
		"no model":             {},
		"no file":              {"missing.onnx"},
		"a shape without name": {"-shape", "3", "x"},
		"a letter in a shape":  {"-shape", "x=1,b", "x"},
		"a value of letters":   {"-value", "x=b", "x"},
	} {
		t.Run(name, func(t *testing.T) {
			err := run(context.Background(), args, io.Discard)
			require.Error(t, err)
			require.False(t, errors.Is(err, io.EOF))
		})
	}
}
