package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/internal/onnxpb"
	"github.com/quintet-ai/quintet/internal/testmodels"
)

const committed = "../silero_vad_v6_16k.onnx"

func TestTheCommittedModelIsWhatThisProgramWrites(t *testing.T) {
	data, err := os.ReadFile(testmodels.Path(t, "silero_vad_v6.onnx"))
	require.NoError(t, err)
	got, err := generate(data)
	require.NoError(t, err)
	want, err := os.ReadFile(committed)
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got), "the model is stale: run go generate in audio")
}

func TestAnotherFileIsRefused(t *testing.T) {
	_, err := generate([]byte("x"))
	require.ErrorContains(t, err, "the published model has the SHA-256")
}

func TestAMissingWeightIsNamed(t *testing.T) {
	_, err := convert(&onnxpb.Model{Graph: &onnxpb.Graph{}})
	require.EqualError(t, err, "there is no constant stft.forward_basis_buffer")
}
